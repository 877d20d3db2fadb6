"""The published lists for worksheets, best call first, and whose ratings a person may return."""

from ipre.serving import ORDER_STATES, Published, Rows, is_same_person

from .errors import WorksheetsError
from .layout import one_line

# The best call comes first everywhere.
ORDER = "lists.account_manager nulls last, brief.call_rank, lists.customer_id"


def recommendations(lists: Published) -> Rows:
    """Return every position of every customer's list, best call first."""
    columns = "lists.*, lists.recommended_product as product_id, lists.rating as rated"
    return of_the_day(lists, "final_recommendations", columns)


def of_the_day(lists: Published, table: str, columns: str = "lists.*") -> Rows:
    """Return account_brief or a list, best call first. columns: SQL, in which it is called lists."""
    rank = "lists.call_rank" if table == "account_brief" else "lists.rank"
    rows = lists.rows(
        f"select {columns} from {table} as lists left join account_brief as brief using (customer_id) "
        f"order by {ORDER}, {rank}"
    )
    for row in rows if table == "account_brief" else []:
        row["order_state"] = ORDER_STATES[row["order_state"]]
    return rows


def targets(lists: Published, product_id: str) -> Rows:
    """Return the customers to call about a product. Raises WorksheetsError with the reason if there are none."""
    product = lists.row("from product_numbers where product_id = $product", product=product_id)
    if not product:
        raise WorksheetsError(f"there is no product {product_id}. Write its id as in the products table.")
    if not lists.has("product_targets"):
        raise WorksheetsError("this run lists no customers for products. Set targets_per_product above 0 and build.")
    rows = lists.rows(
        "from product_targets where product_id = $product order by account_manager nulls last, rank", product=product_id
    )
    if not rows:
        why = "may not be shown now" if not product["may_be_shown"] else "was not bought by any similar customer yet"
        raise WorksheetsError(f"{product_id}: there is nobody to call, because it {why}.")
    return rows


def handed_in_by(lists: Published, user: str) -> set[str | None]:
    """Return the account managers whose customers this person rates; None stands for customers without one.

    The input `account_managers` says whose customers a person sees. Without it everybody sees all customers, the
    account manager of that name returns a worksheet, and customers without one are everybody's. Raises
    WorksheetsError if the person sees nobody.
    """
    sight = lists.sight_of(user)
    if sight.why_nothing:
        raise WorksheetsError(sight.why_nothing)
    if sight.managers is not None:
        return set(sight.managers)
    everybody: set[str | None] = {*lists.account_managers, None}
    return everybody if sight.is_assigned else {one for one in everybody if one is None or is_same_person(one, user)}


def spelled(lists: Published, user: str) -> str:
    """Return a name as the lists write it, so that nobody rates under two names."""
    return next((name for name in lists.people() if is_same_person(name, user)), one_line(user))
