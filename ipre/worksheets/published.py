"""The published lists, as worksheets need them: in the order of calls, and whose ratings somebody hands in."""

from __future__ import annotations

from ipre.serving import Published, Rows, is_same_person

from .errors import WorksheetsError
from .layout import one_line

# Whom an account manager calls first comes first everywhere.
ORDER = "lists.account_manager nulls last, brief.call_rank, lists.customer_id"


def recommendations(lists: Published) -> Rows:
    """List every place of every customer's list, in the order of calls."""
    return lists.rows(
        "select lists.*, lists.recommended_product as product_id, lists.rating as rated "
        "from final_recommendations as lists left join account_brief as brief using (customer_id) "
        f"order by {ORDER}, lists.rank"
    )


def of_the_day(lists: Published, table: str) -> Rows:
    """List account_brief, reorders_due or lost_products, in the order of calls."""
    place = "lists.call_rank" if table == "account_brief" else "lists.rank"
    return lists.rows(
        f"select lists.* from {table} as lists left join account_brief as brief using (customer_id) "
        f"order by {ORDER}, {place}"
    )


def targets(lists: Published, product_id: str) -> Rows:
    """List whom to call about a product. Raises WorksheetsError where nobody is to be called, and why."""
    product = lists.row("from product_numbers where product_id = $product", product=product_id)
    if not product:
        raise WorksheetsError(f"there is no product {product_id}. Write its id as it stands in the products file.")
    if not lists.has("product_targets"):
        raise WorksheetsError("this run names no customers for products: set targets_per_product above 0 and build.")
    rows = lists.rows(
        "from product_targets where product_id = $product order by account_manager nulls last, rank", product=product_id
    )
    if not rows:
        why = "may not be shown now" if not product["may_be_shown"] else "was bought by nobody like them yet"
        raise WorksheetsError(f"no customer is to be called about {product_id}: it {why}.")
    return rows


def managers_of_customers(lists: Published) -> dict[str, str | None]:
    """Return the account manager of every customer; None: the customer has none."""
    return {row["customer_id"]: row["account_manager"] for row in lists.rows("from account_brief")}


def handed_in_by(lists: Published, user: str) -> set[str | None]:
    """Return the account managers whose customers somebody rates; None among them: those without one.

    Whose customers they see, where the input `account_managers` says it. Without it everybody sees all, and a worksheet
    is handed in by the account manager of that name; customers without one are everybody's. Raises WorksheetsError
    where they see nobody.
    """
    sight = lists.sight_of(user)
    if sight.why_nothing:
        raise WorksheetsError(sight.why_nothing)
    if sight.managers is not None:
        return set(sight.managers)
    everybody: set[str | None] = {*lists.account_managers, None}
    return everybody if sight.is_assigned else {one for one in everybody if one is None or is_same_person(one, user)}


def spelled(lists: Published, user: str) -> str:
    """Return a name as the lists write it, so that nobody rates under two."""
    return next((name for name in lists.people() if is_same_person(name, user)), one_line(user))
