"""Worksheets: one workbook per account manager, written from the published lists and read back as ratings.

make_workbooks.py writes them (xlsxwriter) and import_ratings.py reads them (openpyxl). layout.py has the sheets,
headings and keys that both use (docs/worksheets.md).
"""
