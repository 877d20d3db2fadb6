"""What happens to a worksheet between the day it is made and the day it is handed in."""

from __future__ import annotations

import shutil
import subprocess
import zipfile

import pytest
from conftest import PAULA, ROBERT
from desk import Edited

from ipre.ratings.events import RatingEvent, utc_text


def test_an_untouched_worksheet_says_nothing(desk):
    taken = desk.hand_in(desk.workbook())
    assert (taken.events, taken.saved_before, taken.refusals) == ([], 0, [])
    assert desk.count() == 0


def test_a_rating_that_was_set_becomes_an_event_with_its_place_in_the_list(desk):
    with Edited(desk.workbook()) as sheet:
        pair = sheet.rate(4, "high ", "out of stock", " asked twice ")
        rank = sheet.cell(4, "Rank").value
        facts = {row[0].value: row[1].value for row in sheet.book["ipre"].iter_rows(max_row=6)}
        [shown] = [r for r in sheet.book["ipre"].iter_rows(min_row=9, values_only=True) if (r[1], r[3]) == pair]
    taken = desk.hand_in(desk.workbook(), by="paula  MILLER")
    assert not taken.refusals
    [event] = desk.saved().values()
    assert (event.customer_id, event.product_id) == pair
    assert (event.rating, event.reason_code, event.comment) == ("High", "out_of_stock", "asked twice")
    assert (event.channel, event.rated_by, event.run_id) == ("worksheet", PAULA, facts["run_id"])
    assert event.rank == rank
    assert (event.score, event.source) == (pytest.approx(shown[6], rel=1e-12), shown[7])


@pytest.mark.parametrize("heading", ["Customer id", "Product id", "Customer", "Product"])
def test_a_row_whose_id_or_name_was_edited_is_not_taken(desk, heading):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(2, "High")
        sheet.cell(2, heading).value = sheet.cell(2, heading).value + "1"
        good = sheet.rate(3, "Low")
    taken = desk.hand_in(desk.workbook())
    [refusal] = taken.refusals
    assert refusal.startswith(f"{desk.workbook().name}, row 2: {heading} does not match the row key")
    assert list(desk.saved()) == [good]


@pytest.mark.parametrize("headings", [["Customer id"], ["Product"], ["Row key"], ["Customer id", "Customer"]])
def test_a_column_that_was_sorted_alone_rates_nothing_wrongly(desk, headings):
    with Edited(desk.workbook()) as sheet:
        count = len(sheet.pairs())
        for row in range(2, count + 2):
            sheet.rate(row, "High")
        before = {row: sheet.pair(row) for row in range(2, count + 2)}
        sheet.reorder(list(reversed(range(count))), headings)
        still = {before[row] for row in before if sheet.pair(row) == before[row]}
    taken = desk.hand_in(desk.workbook())
    assert len(taken.refusals) > count / 2
    assert len(taken.refusals) + len(taken.events) == count
    assert set(desk.saved()) <= still if "Row key" not in headings else True
    assert all("does not match the row key" in refusal for refusal in taken.refusals)


def filtered(sheet: Edited) -> None:
    sheet.sheet.auto_filter.add_filter_column(0, [sheet.cell(2, "Customer").value])
    for row in range(3, 12):
        sheet.sheet.row_dimensions[row].hidden = True


def with_notes_and_a_title(sheet: Edited) -> None:
    sheet.sheet.insert_cols(2)
    sheet.sheet.cell(1, 2).value = "My notes"
    sheet.sheet.insert_rows(1)
    sheet.sheet.cell(1, 1).value = "For Monday"


@pytest.mark.parametrize(
    "edit",
    [
        lambda sheet: sheet.reorder(sorted(range(40), key=lambda place: (place * 7) % 40)),
        filtered,
        lambda sheet: sheet.sheet.delete_rows(2, 6),
        with_notes_and_a_title,
    ],
    ids=["sorted", "filtered", "some deleted", "with notes and a title"],
)
def test_rows_may_be_sorted_filtered_and_deleted_and_stand_beside_other_things(desk, edit):
    with Edited(desk.workbook()) as sheet:
        expected = {sheet.rate(9, "Medium", "price"): ("Medium", "price"), sheet.rate(10, "Low"): ("Low", None)}
        edit(sheet)
    assert not desk.hand_in(desk.workbook()).refusals
    assert {pair: (event.rating, event.reason_code) for pair, event in desk.saved().items()} == expected


CHOOSE = "Your rating must be High, Medium, Low or Withdrawn"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        *(((word,), CHOOSE) for word in ("Great", 5, True, "#N/A", "Hoch")),
        (
            ("Low", "too dear"),
            "Reason must be buys elsewhere, no need, price, out of stock or wrong fit; got 'too dear'",
        ),
        ((None, "price"), "the row has a reason but no rating"),
        ((None, None, "call again"), "the row has a comment but no rating"),
    ],
)
def test_an_entry_that_cannot_be_taken_is_named_with_its_row(desk, entry, told):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(3, *entry)
        good = sheet.rate(4, "Low")
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert f"{desk.workbook().name}, row 3: {told}" in refusal
    assert list(desk.saved()) == [good]


def test_merged_cells_are_named_because_only_one_value_is_left(desk):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(3, "High")
        letter = sheet.cell(3, "Your rating").column_letter
        sheet.sheet.merge_cells(f"{letter}3:{letter}5")
        good = sheet.rate(7, "Low")
    taken = desk.hand_in(desk.workbook())
    assert [refusal.partition(":")[0] for refusal in taken.refusals] == [
        f"{desk.workbook().name}, row {row}" for row in (3, 4, 5)
    ]
    assert all("merged cells" in refusal for refusal in taken.refusals)
    assert list(desk.saved()) == [good]


@pytest.mark.parametrize("heading", ["Your rating", "Comment", "Customer id"])
def test_a_formula_is_no_entry(desk, heading):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(3, "High")
        sheet.cell(3, heading).value = '="Hi"&"gh"'
        good = sheet.rate(4, "Low")
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert refusal == f"{desk.workbook().name}, row 3: {heading} contains a formula. Type the word itself."
    assert list(desk.saved()) == [good]


def test_a_pasted_duplicate_counts_once_and_not_at_all_when_it_says_something_else(desk):
    with Edited(desk.workbook()) as sheet:
        same, other = sheet.rate(3, "High"), sheet.rate(4, "Low")
        for source in (3, 4):
            last = sheet.sheet.max_row + 1
            for cell in sheet.sheet[source]:
                sheet.put(last, cell.column, cell.value)
        sheet.cell(last, "Your rating").value = "High"
    taken = desk.hand_in(desk.workbook())
    assert {pair: event.rating for pair, event in desk.saved().items()} == {same: "High"}
    assert other not in desk.saved()
    assert [refusal.partition(":")[0][-2:].strip() for refusal in taken.refusals] == ["4", str(last)]
    assert all("different ratings" in refusal for refusal in taken.refusals)


def test_what_was_rated_in_the_app_meanwhile_stays(desk):
    pair, older = desk.rate(3, "High"), desk.rate(4, "High")
    with desk.store as store:
        store.save(RatingEvent(*pair, "Low", rated_by="Ada", channel="app", rated_at=utc_text()))
        store.save(RatingEvent(*older, "Low", rated_by="Ada", channel="app", rated_at="2026-01-02T03:04:05Z"))
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert "row 3: Ada rated it Low in the app" in refusal
    assert "after this worksheet was made" in refusal
    assert {p: event.rating for p, event in desk.saved().items()} == {pair: "Low", older: "High"}


@pytest.mark.parametrize("gone", ["all", "Your rating", "Row key"])
def test_a_worksheet_without_its_headings_is_refused(desk, gone):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(3, "High")
        if gone == "all":
            sheet.sheet.delete_rows(1)
        else:
            sheet.cell(1, gone).value = None
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert refusal.startswith(f"{desk.workbook().name}: headings are missing: ")
    assert "Your rating" in refusal if gone == "all" else f" missing: {gone}." in refusal
    assert desk.count() == 0


def test_a_worksheet_without_its_hidden_sheet_is_refused(desk):
    with Edited(desk.workbook()) as sheet:
        sheet.rate(3, "High")
        del sheet.book["ipre"]
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert refusal.startswith(f"{desk.workbook().name}: the hidden sheet is missing")


def test_what_is_no_workbook_is_refused_and_stops_no_other_file(desk, tmp_path):
    text, half = tmp_path / "notes.xlsx", tmp_path / "half.xlsx"
    text.write_text("High, Low")
    whole = desk.workbook().read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    pair = desk.rate(3, "High")
    taken = desk.hand_in(text, half, desk.workbook())
    assert [refusal.partition(":")[0] for refusal in taken.refusals] == ["notes.xlsx", "half.xlsx"]
    assert list(desk.saved()) == [pair]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: saving by it was not tried")
def test_a_worksheet_saved_by_libreoffice_is_read_as_it_was(desk, tmp_path):
    with Edited(desk.workbook()) as sheet:
        expected = {sheet.rate(row, "Low", "no need", "– ein Wort –"): "Low" for row in range(2, 42)}
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx"]
    saved = tmp_path / "saved"
    subprocess.run([*command, "--outdir", saved, desk.workbook()], check=True, capture_output=True, timeout=300)
    [file] = saved.iterdir()
    with zipfile.ZipFile(file) as packed:
        assert b"LibreOffice" in packed.read("docProps/app.xml")
    assert not desk.hand_in(file).refusals
    assert {pair: event.rating for pair, event in desk.saved().items()} == expected
    assert {event.comment for event in desk.saved().values()} == {"– ein Wort –"}


def test_a_worksheet_that_is_handed_in_twice_adds_nothing(desk):
    desk.rate(3, "High", "price", "x"), desk.rate(4, "Low")
    desk.hand_in(desk.workbook())
    again = desk.hand_in(desk.workbook())
    assert (len(again.events), again.saved_before, again.refusals) == (0, 2, [])
    assert desk.count() == 2


def test_a_cell_that_is_changed_and_changed_back_is_three_events(desk):
    for number, rating in enumerate(["High", "Low", "High", "High", "Withdrawn", "High"]):
        pair = desk.rate(3, rating)
        taken = desk.hand_in(desk.workbook())
        assert not taken.refusals
        assert len(taken.events) == (0 if number == 3 else 1)
        assert desk.saved()[pair].rating == rating
    assert desk.count() == 5


def test_nobody_hands_in_ratings_of_somebody_elses_customers(desk):
    desk.rate(3, "High")
    [refusal] = desk.hand_in(desk.workbook(), by=ROBERT).refusals
    assert refusal == f"{desk.workbook().name}: this worksheet is {PAULA}'s, not {ROBERT}'s. {PAULA} must return it."
    assert desk.count() == 0


def test_customers_without_an_account_manager_are_anybodys(desk):
    file = desk.workbook(None)
    with Edited(file) as sheet:
        pair = sheet.rate(3, "High")
        assert sheet.book["How to"]["A1"].value == "Recommendations for customers without an account manager"
    assert not desk.hand_in(file, by="Whoever").refusals
    assert desk.saved()[pair].rated_by == "Whoever"
