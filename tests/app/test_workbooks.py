"""What a workbook is like when it is made, and what no file can do to the import."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from conftest import PAULA, ROBERT
from desk import Edited

from ipre.ratings.events import RATINGS, utc_text
from ipre.ratings.store import RatingStore
from ipre.serving import PROJECT, PublishedRun
from ipre.worksheets import layout, make_workbooks, reading
from ipre.worksheets.errors import WorksheetsError
from ipre.worksheets.import_ratings import own_files
from ipre.worksheets.make_workbooks import stem_of, write_targets, write_workbooks
from ipre.worksheets.published import recommendations
from ipre.worksheets.workbook import Worklist, workbook_bytes


@pytest.mark.parametrize("lists", ["small", pytest.param("demo", marks=pytest.mark.slow)], indirect=True)
def test_every_place_of_the_lists_is_in_one_workbook_and_comes_back(lists, desk):
    written, _, folder = write_workbooks(desk.folder)
    expected = {}
    for number, file in enumerate(sorted(folder.iterdir())):
        with Edited(file) as sheet:
            facts = {row[0].value: row[1].value for row in sheet.book["ipre"].iter_rows(max_row=6)}
            for row in range(2, sheet.sheet.max_row + 1):
                expected[sheet.rate(row, RATINGS[(row + number) % 4])] = RATINGS[(row + number) % 4]
        assert not desk.hand_in(file, by=facts["account_manager"] or PAULA).refusals
    places = lists.rows("from final_recommendations")
    assert written == number + 1 and len(expected) == len(places)
    saved = desk.saved()
    assert {pair: event.rating for pair, event in saved.items()} == expected
    for place in places:
        event = saved[place["customer_id"], place["recommended_product"]]
        assert (event.rank, event.source) == (place["rank"], place["source"])
        assert event.score == pytest.approx(place["score"], rel=1e-14)


def test_nothing_in_a_workbook_is_a_formula_a_link_or_a_number_that_was_a_text(desk):
    book = openpyxl.load_workbook(desk.workbook())
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    sheet = Edited(desk.workbook())
    customers = {sheet.cell(row, "Customer").value for row in range(2, sheet.sheet.max_row + 1)}
    assert {"=1+1", "+49 30 1234", "@Home", "https://example.org/", "00123"} <= customers


def test_a_workbook_offers_what_may_be_chosen_and_protects_the_rest(desk):
    sheet = Edited(desk.workbook())
    offered = {str(v.sqref).rstrip("0123456789"): v.formula1 for v in sheet.sheet.data_validations.dataValidation}
    places = {heading: sheet.cell(2, heading) for heading in sheet.headings}
    assert offered[f"{places['Your rating'].coordinate}:{places['Your rating'].column_letter}"] == (
        '"High,Medium,Low,Withdrawn"'
    )
    assert offered[f"{places['Reason'].coordinate}:{places['Reason'].column_letter}"] == (
        '"buys elsewhere,no need,price,out of stock,wrong fit"'
    )
    assert {heading for heading, cell in places.items() if not cell.protection.locked} == {
        "Your rating",
        "Reason",
        "Comment",
    }
    for name in ("Ratings", "Call list", "How to", "ipre"):
        assert sheet.book[name].protection.sheet
        assert not sheet.book[name].protection.password
    assert "without a password" in " ".join(str(row[0].value) for row in sheet.book["How to"].iter_rows())


def test_the_call_list_has_the_words_of_the_app(desk, change):
    change("update account_brief set order_state = 'silent'")
    calls = Edited(desk.workbook(), "Call list")
    assert {calls.cell(row, "Ordering activity").value for row in range(2, calls.sheet.max_row + 1)} == {"inactive"}


def test_a_workbook_can_be_read_and_printed(desk):
    sheet = Edited(desk.workbook()).sheet
    assert sheet.freeze_panes == "B2"
    assert all(sheet.row_dimensions[row].height >= 12 for row in range(1, sheet.max_row + 1))
    longest = max(range(2, sheet.max_row + 1), key=lambda row: len(sheet.cell(row, 6).value))
    assert sheet.row_dimensions[longest].height >= 12 * len(sheet.cell(longest, 6).value) / 55
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.parent["ipre"].sheet_state == "veryHidden"


def test_the_known_rating_is_shown_and_the_cell_for_a_new_one_is_empty(desk, lists):
    rated = {
        (row["customer_id"], row["product_id"]): row["rating"]
        for row in recommendations(lists)
        if row["account_manager"] == PAULA and row["rating"]
    }
    assert rated
    sheet = Edited(desk.workbook())
    rows = range(2, sheet.sheet.max_row + 1)
    shown = {sheet.pair(row): sheet.cell(row, "Current rating").value for row in rows if sheet.pair(row) in rated}
    assert shown == rated
    assert not [row for row in rows if sheet.cell(row, "Your rating").value]


def test_every_name_has_a_file_of_its_own():
    names = [
        "Zoe",
        "Zoë",
        "zoe",
        "ZOE ",
        "Анна",
        "李",
        "../../etc/passwd",
        "a" * 300,
        "CON",
        None,
        "Without account manager",
    ]
    stems = [stem_of(name) for name in names]
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(len(stem) < 60 and stem.replace("-", "").isalnum() and stem.isascii() for stem in stems)
    assert stem_of(None).startswith("without-account-manager-")


def test_a_workbook_that_somebody_may_have_filled_in_is_not_written_again(desk):
    file = desk.workbook()
    desk.rate(3, "High", file=file)
    before = file.read_bytes()
    written, kept, _ = write_workbooks(desk.folder)
    assert (written, kept) == (0, 3)
    assert file.read_bytes() == before


def test_an_account_manager_of_many_customers_gets_several_files_which_all_come_back(desk, monkeypatch):
    monkeypatch.setattr(make_workbooks, "ROWS_OF_A_WORKBOOK", 12)
    write_workbooks(desk.folder)
    files = sorted(desk.folder.glob(f"*/{stem_of(PAULA)}-part-*.xlsx"))
    assert len(files) == 4
    for file in files:
        with Edited(file) as sheet:
            assert sheet.sheet.max_row == 11
            sheet.rate(2, "High")
    assert not desk.hand_in(*files).refusals
    assert desk.count() == 4


def test_a_copy_of_a_file_counts_once_and_says_so_when_it_differs(desk, tmp_path):
    same, other = desk.rate(3, "High"), desk.rate(4, "High")
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(desk.workbook().read_bytes())
    with Edited(copy) as sheet:
        sheet.rate(4, "Low")
        third = sheet.rate(5, "Medium")
    taken = desk.hand_in(desk.workbook(), copy)
    assert set(desk.saved()) == {same, third}
    assert other not in desk.saved()
    assert [refusal.partition(":")[0] for refusal in taken.refusals] == [
        f"{desk.workbook().name}, row 4",
        "copy.xlsx, row 4",
    ]


def test_a_worksheet_made_before_another_was_handed_in_does_not_undo_it(desk, tmp_path):
    desk.rate(3, "High")
    write_workbooks(tmp_path / "second")
    [second] = (tmp_path / "second").glob(f"*/{stem_of(PAULA)}.xlsx")
    pair = desk.rate(3, "Low", file=second)
    desk.hand_in(second)
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert f"{PAULA} rated it Low in another worksheet" in refusal
    assert desk.saved()[pair].rating == "Low"


def test_a_file_too_large_is_refused_before_it_is_opened(desk, tmp_path):
    large, bomb = tmp_path / "large.xlsx", tmp_path / "bomb.xlsx"
    large.write_bytes(b"PK" + b"0" * layout.MOST_BYTES)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (layout.MOST_BYTES_UNPACKED + 1))
    assert bomb.stat().st_size < layout.MOST_BYTES
    taken = desk.hand_in(large, bomb)
    assert "large.xlsx: the file has 10,000,002 bytes; the limit is 10,000,000" in taken.refusals[0]
    assert "bomb.xlsx: the file unpacks to 200,000,001 bytes" in taken.refusals[1]


def test_more_rows_than_are_read_are_refused(desk, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 25)
    monkeypatch.setattr(reading, "ROWS_LOOKED_AT_FOR_HEADINGS", 3)
    desk.rate(3, "High")
    [refusal] = desk.hand_in(desk.workbook()).refusals
    assert refusal.startswith(f"{desk.workbook().name}: a sheet has more than 25 rows")


def test_a_merge_of_a_million_rows_takes_no_memory(desk):
    desk.rate(3, "High")
    file = desk.workbook()
    with zipfile.ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A9:XFD1048576"/></mergeCells>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content.replace(b"</sheetData>", merge) if name.endswith("sheet1.xml") else content)
    taken = desk.hand_in(file)
    assert len(taken.events) == 1
    assert all("merged cells" in refusal for refusal in taken.refusals)


def test_a_workbook_of_other_data_is_refused(desk, lists):
    run = PublishedRun("r", None, "own", None)
    rows = [row for row in recommendations(lists) if row["account_manager"] == PAULA]
    file = desk.folder / "own.xlsx"
    file.parent.mkdir(parents=True)
    file.write_bytes(workbook_bytes(Worklist(PAULA, rows), run, utc_text()))
    [refusal] = desk.hand_in(file).refusals
    assert refusal.startswith("own.xlsx: this workbook was made from your own data, but the published lists are of")


def test_two_who_hand_in_one_file_at_once_save_it_once(desk, monkeypatch):
    desk.rate(3, "High")
    save_all = RatingStore.save_all

    def after_somebody_else(store, events):
        monkeypatch.setattr(RatingStore, "save_all", save_all)
        assert len(desk.hand_in(desk.workbook()).events) == 1
        return store.save_all(events)

    monkeypatch.setattr(RatingStore, "save_all", after_somebody_else)
    second = desk.hand_in(desk.workbook())
    assert (len(second.events), second.saved_before, second.refusals) == (0, 1, [])
    assert desk.count() == 1


def test_a_damaged_file_is_refused_in_words_whatever_is_damaged(desk, tmp_path):
    desk.rate(3, "High")
    with zipfile.ZipFile(desk.workbook()) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    damage = {"empty": lambda old: b"", "cut": lambda old: old[: len(old) // 2], "other": lambda old: b"<a><b/></a>"}
    for number, name in enumerate(sorted(members)):
        for kind, harm in damage.items():
            file = tmp_path / f"{number}-{kind}.xlsx"
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                for member, content in members.items():
                    packed.writestr(member, harm(content) if member == name else content)
            taken = desk.hand_in(file)
            assert len(taken.events) + taken.saved_before == 1 or len(taken.refusals) == 1, (name, kind)


def command(desk, *arguments: str) -> subprocess.CompletedProcess:
    """Run the import as `make import-worksheets` does."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "IPRE_RATINGS_URL": desk.store_url}
    return subprocess.run(
        [sys.executable, "-m", "ipre.worksheets.import_ratings", "--folder", str(desk.folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_exit_code_says_whether_everything_was_taken(desk):
    desk.rate(3, "High")
    done = command(desk, "--by", PAULA)
    assert (done.returncode, done.stdout) == (
        0,
        "ipre worksheets: 1 file read, 1 rating saved, 0 saved before, 0 not saved.\n",
    )
    desk.rate(4, "Great")
    done = command(desk, "--by", PAULA)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(f"not saved: {desk.workbook().name}, row 4: ")
    assert "0 ratings saved, 1 saved before, 1 not saved" in done.stdout
    nobody = command(desk, "--by", "Nobody")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "has no worksheet of Nobody" in nobody.stderr
    assert command(desk, "--by", ROBERT, "nowhere.xlsx").returncode == 2


def test_whom_to_call_about_a_product_is_a_workbook_for_each_account_manager(desk, lists):
    [product] = lists.rows("select product_id as id from product_targets group by 1 order by count(*) desc, 1 limit 1")
    written, _, folder = write_targets(desk.folder, product["id"])
    told = {}
    for file in folder.iterdir():
        sheet = Edited(file, "Customers to call")
        told |= {
            sheet.cell(row, "Customer id").value: (sheet.cell(row, "Why").value, sheet.cell(row, "Quantity").value)
            for row in range(2, sheet.sheet.max_row + 1)
        }
    targets = lists.rows("from product_targets where product_id = $product", product=product["id"])
    assert told == {row["customer_id"]: (row["sentence"], row["suggested_quantity"]) for row in targets}
    assert written == len({row["account_manager"] for row in targets})
    desk.workbook()
    assert len(own_files(desk.folder, PAULA)) == 1


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("delete from product_numbers where product_id = 'P00016'", "there is no product P00016"),
        ("drop table product_targets", "Set targets_per_product above 0"),
        ("update product_numbers set may_be_shown = false where product_id = 'P00016'", "it may not be shown now"),
    ],
)
def test_a_product_without_customers_to_call_is_told_in_one_line(change, desk, statement, why):
    change("delete from product_targets where product_id = 'P00016'")
    change(statement)
    with pytest.raises(WorksheetsError, match=why):
        write_targets(desk.folder, "P00016")


@pytest.mark.parametrize("allowed", [False, "managers", True])
def test_margins_stand_in_worksheets_only_where_everybody_may_see_them(show_margins, desk, allowed):
    show_margins(allowed)
    sheet = Edited(desk.workbook())
    assert ("Margin" in sheet.headings) == (allowed is True)
    assert ("Expected margin" in Edited(desk.workbook(), "Call list").headings) == (allowed is True)
    with sheet:
        sheet.rate(2, "High")
    assert len(desk.hand_in(desk.workbook()).events) == 1
