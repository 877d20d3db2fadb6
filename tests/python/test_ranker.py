"""The learned ranker's mathematics: methods of the literature as plain versions give them, and nothing but the past."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from ipre.ranker import similarity
from ipre.ranker.candidates import PER_CUSTOMER, candidates, most_popular, strongest
from ipre.ranker.chance import Chance, customer_habits
from ipre.ranker.examples import cut_offs
from ipre.ranker.features import FEATURES
from ipre.ranker.history import Market, Orders, first_purchases, history, recent_buyers
from ipre.ranker.peers import peer_lists
from ipre.ranker.places import Limit, best_places
from ipre.ranker.signals import most_first, signals
from ipre.ranker.similarity import ease, largest, neighbours
from ipre.ranker.tables import pairs_of
from ipre.ranker.targets import Targets
from ipre.ranker.training import Ranker, list_means, standardized, train
from ipre.ranker.weights import from_table, to_table

HORIZON = 56


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As the models run it; several threads on a busy machine only wait for each other."""
    with threadpool_limits(limits=1):
        yield


def world(customers=150, products=40, orders=4_000, days=400, seed=1) -> tuple[Orders, Market]:
    """Customers of three tastes who buy at random inside their taste."""
    random = np.random.default_rng(seed)
    customer = random.integers(0, customers, orders)
    product = (random.integers(0, products // 3, orders) * 3 + customer % 3) % products
    day = random.integers(0, days, orders)
    market = Market(
        np.arange(customers) % 4,
        random.permutation(customers),
        (np.arange(products) % 5, np.arange(products) % 10),
        np.ones(products, bool),
    )
    return Orders(customer, product, day), market


@pytest.fixture(scope="module")
def small():
    orders, market = world()
    known = history(orders, 300, market.shape)
    return orders, market, known, signals(orders, known.day, market)


def dense_history(orders, day, shape):
    """Plain loops: bought, log(1 + orders), age."""
    counts, last = np.zeros(shape), np.full(shape, -1)
    for c, p, d in zip(*orders, strict=True):
        if d <= day:
            counts[c, p] += 1
            last[c, p] = max(last[c, p], d)
    return counts > 0, np.log1p(counts), np.where(counts > 0, day - last, 0)


def test_a_history_is_what_was_known_on_its_day(small):
    orders, market, known, _ = small
    bought, log_orders, age = dense_history(orders, 300, market.shape)
    np.testing.assert_array_equal(known.bought.toarray(), bought)
    np.testing.assert_allclose(known.orders.toarray(), log_orders, rtol=1e-6)
    np.testing.assert_array_equal(known.age.toarray(), age)
    assert known.age.nnz == bought.sum()
    np.testing.assert_array_equal(known.buyers, bought.sum(axis=0))


def test_first_purchases_are_new_to_customers_who_bought_before(small):
    orders, market, known, _ = small
    bought, _, _ = dense_history(orders, 300, market.shape)
    expected = {
        c * market.shape[1] + p
        for c, p, d in zip(*orders, strict=True)
        if 300 < d <= 300 + HORIZON and bought[c].any() and not bought[c, p]
    }
    assert first_purchases(orders, known, HORIZON).tolist() == sorted(expected)


def test_recent_buyers_counts_each_customer_once():
    orders = Orders(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]), np.array([5, 6, 6, 20]))
    buyers, active = recent_buyers(orders, 4, 10, (3, 2))
    assert buyers.tolist() == [2, 0]
    assert active == 2


def test_of_the_products_that_go_best_with_another_each_leads_to_its_best_only(small, monkeypatch):
    _, _, known, _ = small
    monkeypatch.setattr(similarity, "NEIGHBOURS", 9)
    monkeypatch.setattr(similarity, "REACH", 6)
    found = neighbours(known.bought, known.bought)
    x, n = known.bought.toarray(), known.buyers
    both = x.T @ x
    cosine = np.round(both / (np.sqrt(np.outer(n, n)) + 5), 7)
    np.fill_diagonal(cosine, 0)
    rank = np.argsort(np.argsort(-cosine, axis=0, kind="stable"), axis=0)
    near = np.where(rank < 9, cosine, 0)
    place = np.argsort(np.argsort(-near, axis=1, kind="stable"), axis=1)
    kept = (near > 0) & (place < 6)
    assert kept.sum() < (near > 0).sum()
    for values, expected in zip(found, (cosine, both, rank), strict=True):
        np.testing.assert_allclose(values.toarray(), np.where(kept, expected, 0), atol=1e-7)


@pytest.mark.parametrize("columns", [10, 400])
@pytest.mark.parametrize("count", [1, 3, 7, 10])
def test_the_largest_scores_are_those_of_a_stable_sort(columns, count):
    scores = np.random.default_rng(3).integers(-2, 4, (50, columns)).astype(np.float32)
    scores[7] = 0
    expected = [
        (row, column, rank)
        for row, values in enumerate(scores)
        for rank, column in enumerate(np.argsort(-values, kind="stable")[:count].tolist())
        if values[column] > 0
    ]
    assert list(zip(*(array.tolist() for array in largest(scores, count)), strict=True)) == expected


def test_peers_are_those_of_plain_versions(small):
    orders, market, known, _ = small
    customers = np.flatnonzero(known.active)[:40]
    lists = peer_lists(signals(orders, known.day, market), market, customers, 5)
    bought, log_orders, age = dense_history(orders, 300, market.shape)
    n, order = bought.sum(axis=0), None
    usable = n >= 3
    order = np.lexsort((np.arange(len(n)), -n))
    x = bought.astype(float)

    def halved(days):
        return np.where(bought, 2.0 ** (-age / days), 0)

    def ease_weights(y, penalty):
        """Steck 2019: the ridge regression of every product on the others, solved at once."""
        inverse = np.linalg.inv(y.T @ y + penalty * np.eye(len(n)))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        return weights

    cosine = (x.T @ halved(28)) / (np.sqrt(np.outer(n, n)) + 5)
    np.fill_diagonal(cosine, 0)
    segment_share = np.array(
        [
            (x[market.segment == s].sum(axis=0) + 20 * x.sum(axis=0) / bought.any(axis=1).sum())
            / (bought[market.segment == s].any(axis=1).sum() + 20)
            for s in range(4)
        ]
    )
    plain = {
        "popular": np.tile(n, (market.shape[0], 1)),
        "popular_lately": np.tile(halved(28).sum(axis=0), (market.shape[0], 1)),
        "popular_in_segment": segment_share[market.segment],
        "item_knn_decay": (log_orders * halved(60)) @ cosine,
        "ease": x @ ease_weights(x, 1000),
        "ease_decay": halved(56) @ ease_weights(halved(56), 100),
    }
    assert plain.keys() == lists.keys()
    assert not np.diag(ease(known.bought, 1000)).any()
    for method, scores in plain.items():
        customer, product, rank = lists[method]
        for each in customers:
            open_ = [p for p in order if usable[p] and not bought[each, p]]
            best = sorted(open_, key=lambda p: -round(float(scores[each, p]), 5))[:5]
            found = product[customer == each][np.argsort(rank[customer == each])]
            values = [scores[each, p] for p in found]
            np.testing.assert_allclose(values, [scores[each, p] for p in best][: len(found)], atol=2e-5, err_msg=method)
            assert len(found) == len(best) or scores[each, best[len(found)]] <= 1e-6, method


def test_nobody_is_offered_what_he_ever_bought_or_what_is_never_shown_or_hidden_from_him(small):
    orders, market, known, _ = small
    customer, product = np.divmod(np.arange(0, market.shape[0] * market.shape[1], 3), market.shape[1])
    hidden = pd.DataFrame({"customer_number": customer + 1, "product_number": product + 1})
    hidden = pairs_of(duckdb.from_df(hidden), market.shape)
    market = market._replace(may_be_shown=np.arange(market.shape[1]) != 7, excluded=hidden)
    found = candidates(signals(orders, known.day, market), market, np.flatnonzero(known.active))
    bought = known.bought.toarray() > 0
    assert len(found.customer) > 1_000
    assert not bought[found.customer, found.product].any()
    assert 7 not in found.product
    assert ((found.customer * market.shape[1] + found.product) % 3 > 0).all()
    assert np.bincount(found.customer).max() <= PER_CUSTOMER
    led = found.trigger >= 0
    assert led.any()
    assert bought[found.customer[led], found.trigger[led]].all()


def test_features_say_what_their_names_say(small):
    orders, market, known, _ = small
    prepared = signals(orders, known.day, market)
    found = candidates(prepared, market, np.flatnonzero(known.active)[:20])
    bought, log_orders, age = dense_history(orders, 300, market.shape)
    n = bought.sum(axis=0)
    column = dict(zip(FEATURES, found.features, strict=True))
    both = bought.T.astype(int) @ bought.astype(int)
    cosine = both / (np.sqrt(np.outer(n, n)) + 5)
    for row in range(0, len(found.customer), 7):
        c, p = found.customer[row], found.product[row]
        owned = np.flatnonzero(bought[c])
        best = owned[np.argmax(np.round(log_orders[c, owned] * cosine[owned, p], 7))]
        assert column["cos_max"][row] == pytest.approx(cosine[owned, p].max(), abs=1e-6)
        assert column["cos_top3"][row] == pytest.approx(np.sort(cosine[owned, p])[-3:].sum(), abs=1e-5)
        frequent = owned[both[owned, p] >= 3]
        assert column["conf_max"][row] == pytest.approx(max(both[frequent, p] / n[frequent], default=0), abs=1e-6)
        if found.trigger[row] == best:
            assert column["trig_age"][row] == min(age[c, best], 365)
        l2 = market.categories[0]
        assert column["l2_items"][row] == (l2[owned] == l2[p]).sum()
        share = ((l2[owned] == l2[p]).sum() + 5 * n[l2 == l2[p]].sum() / n.sum()) / (len(owned) + 5)
        assert column["l2_share"][row] == pytest.approx(share, abs=1e-6)


def test_cut_offs_have_a_horizon_after_them_and_enough_history_before_them():
    assert cut_offs(0, 1000, 56) == [944, 888, 832, 776]
    assert cut_offs(0, 300, 56) == [244, 216, 188, 132, 76]
    assert cut_offs(0, 110, 56) == []


def test_inside_a_list_the_mean_is_0_and_the_deviation_1():
    values, lists = np.array([1.0, 2, 3, 7, 7, 5]), np.array([0, 0, 0, 1, 1, 2])
    found = standardized(values, lists)
    np.testing.assert_allclose(list_means(found, lists), 0, atol=1e-12)
    np.testing.assert_allclose(found[:3], [-1.2247449, 0, 1.2247449], atol=1e-6)
    assert found[3:].tolist() == [0, 0, 0]


@pytest.fixture(scope="module")
def taught():
    """A world large enough to learn from."""
    orders, market = world(customers=900, products=90, orders=30_000, days=600)
    return orders, market, train(orders.until(540), market, 540, HORIZON)


def test_the_table_of_weights_holds_all_that_lists_are_made_with(taught):
    orders, market, ranker = taught
    table = to_table(ranker)
    assert not table.duplicated(["part", "model", "name"]).any()
    again = from_table(table.sample(frac=1, random_state=1))
    known = history(orders, 540, market.shape)
    places = [
        best_places(signals(orders, known.day, market), market, one, np.empty(0, int), 5) for one in (ranker, again)
    ]
    for one, other in zip(*places, strict=True):
        np.testing.assert_array_equal(one, other)


def test_later_orders_and_the_order_of_rows_change_nothing(taught):
    orders, market, ranker = taught
    mixed = np.random.default_rng(4).permutation(len(orders.day))
    again = train(Orders(*(array[mixed] for array in orders)).until(540), market, 540, HORIZON)
    assert to_table(ranker).equals(to_table(again))
    known = history(orders, 540, market.shape)
    only = orders.until(540)
    for one, other in zip(
        best_places(signals(orders, known.day, market), market, ranker, np.empty(0, int), 5),
        best_places(signals(only, 540, market), market, again, np.empty(0, int), 5),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_rated_candidate_stays_however_weak(taught):
    orders, market, ranker = taught
    prepared = signals(orders, 540, market)
    everything = candidates(prepared, market, np.array([3]))
    weakest = int(everything.product[np.argmin(ranker.strength(everything))])
    places = best_places(prepared, market, ranker, np.array([3 * market.shape[1] + weakest]), 5)
    mine = places.product[places.customer == 3]
    assert len(mine) == 6
    assert weakest in mine


def test_of_an_aisle_so_many_of_the_best_stay_and_rated_ones_in_any_case(taught):
    orders, market, ranker = taught
    prepared = signals(orders, 540, market)
    everything = candidates(prepared, market, np.array([3]))
    best_first = everything.product[np.lexsort((everything.product, -ranker.strength(everything)))]
    aisle = np.arange(market.shape[1]) % 7
    rated = 3 * market.shape[1] + np.sort(best_first[:2])
    expected, taken = [], np.zeros(7, int)
    for product in best_first[2:]:
        if taken[aisle[product]] < 1 and len(expected) < 5:
            taken[aisle[product]] += 1
            expected.append(product)
    assert len(expected) == 5
    places = best_places(prepared, market, ranker, rated, 5, Limit(aisle, 1))
    mine = places.product[places.customer == 3]
    assert set(mine[:5]) == set(expected)
    assert set(mine[5:]) == set(best_first[:2])


def test_enough_first_purchases_make_models_and_chances_which_keep_the_order_of_a_list(taught):
    orders, market, ranker = taught
    assert ranker.models.keys() == {"newest", "all"}
    assert sum(told["first_purchases"] for told in ranker.told.values()) >= 2_000
    prepared = signals(orders, 540, market)
    places = best_places(prepared, market, ranker, np.empty(0, int), 5)
    inside = np.diff(places.customer) == 0
    assert (np.diff(places.strength)[inside] <= 0).all()
    assert (np.diff(places.chance)[inside] <= 1e-9).all()
    assert ((places.chance > 0) & (places.chance < 1)).all()


def test_a_chance_is_the_logistic_of_its_columns():
    known = history(Orders(np.array([0, 0]), np.array([0, 1]), np.array([90, 100])), 100, (1, 3))
    chance = Chance(-1.0, np.array([2.0, 0.5, 0.25, 0.125]))
    # Two products, the last order today, both lately.
    odds = -1 + 2 * 1.5 + 0.5 * np.log1p(2) + 0.25 * 0 + 0.125 * np.log1p(2)
    assert chance.of(np.array([1.5]), customer_habits(known)) == pytest.approx(1 / (1 + np.exp(-odds)))


LITTLE = {
    "nobody ever bought anything": Orders(*np.empty((3, 0), int)),
    "one customer": Orders(np.zeros(9, int), np.arange(9), np.arange(9) * 40),
    "one product": Orders(np.arange(30), np.zeros(30, int), np.arange(30) * 10),
    "one day": Orders(np.arange(30) % 10, np.arange(30) % 8, np.full(30, 300)),
    "nobody came back": Orders(np.arange(30), np.arange(30) % 9, np.arange(30) * 10),
    "five weeks": Orders(np.arange(300) % 30, np.arange(300) % 9, 265 + np.arange(300) % 35),
    "thirty customers": Orders(np.arange(900) % 30, np.arange(900) * 7 % 9, np.arange(900) // 3),
}


@pytest.mark.parametrize("orders", LITTLE.values(), ids=LITTLE.keys())
def test_a_little_data_is_no_error_and_says_that_nothing_was_learned(orders):
    market = Market(np.zeros(30, int), np.arange(30), (np.zeros(9, int), np.zeros(9, int)), np.ones(9, bool))
    ranker = from_table(to_table(train(orders, market, 300, HORIZON)))
    assert to_table(ranker).set_index("part").loc["decision", "value"] == 0
    assert ranker == Ranker({}, {"ease": 0.5, "ease_d": 0.5}, None, {})
    known = history(orders, 300, market.shape)
    prepared = signals(orders, known.day, market)
    places = best_places(prepared, market, ranker, np.empty(0, int), 5)
    assert not (known.bought.toarray()[places.customer, places.product] > 0).any()
    assert np.isnan(places.chance).all()
    peer_lists(prepared, market, np.flatnonzero(known.active), 5)


def test_places_go_to_the_largest_scores_above_0_and_to_the_most_popular_open_ones():
    open_ = np.array([[True, False, True, True], [True, True, True, True]])
    scores = np.array([[0.0, 9, 2, 2], [1, 0, -1, 3]])
    row, column, rank = strongest(scores, open_, 2)
    assert list(zip(row.tolist(), column.tolist(), rank.tolist(), strict=True)) == [
        (0, 2, 0),
        (0, 3, 1),
        (1, 3, 0),
        (1, 0, 1),
    ]
    row, column, rank = most_popular(most_first(np.array([[0.1, 0.9, 0.3, 0.3]])), np.zeros(2, int), open_, 2)
    assert sorted(zip(row.tolist(), rank.tolist(), column.tolist(), strict=True)) == [
        (0, 0, 2),
        (0, 1, 3),
        (1, 0, 1),
        (1, 1, 2),
    ]


def test_the_targets_of_a_product_are_its_best_unrated_candidates_of_all_customers(taught, monkeypatch):
    orders, market, ranker = taught
    prepared = signals(orders, 540, market)
    monkeypatch.setattr(Targets, "ENOUGH", 100)
    hidden = np.arange(market.shape[0]) % 9 == 0
    everything = candidates(prepared, market, np.flatnonzero(prepared.history.active))
    strength = ranker.strength(everything)
    chance = ranker.chance.of(strength, customer_habits(prepared.history)[everything.customer])
    pairs = everything.customer * market.shape[1] + everything.product
    rated = np.sort(pairs[::50])
    targets = Targets(market.shape[1], 3, hidden)
    listed = best_places(prepared, market, ranker, rated, 5, targets=targets)
    in_lists = set(zip(listed.customer.tolist(), listed.product.tolist(), strict=True))
    expected = set()
    for product in np.unique(everything.product):
        able = (everything.product == product) & ~hidden[everything.customer] & ~np.isin(pairs, rated)
        first = sorted(zip(-chance[able], everything.customer[able].tolist(), strict=True))[:3]
        expected |= {(customer, product) for _, customer in first} - in_lists
    others = targets.others()
    assert set(zip(others.customer.tolist(), others.product.tolist(), strict=True)) == expected
    assert expected
