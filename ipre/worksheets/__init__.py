"""Worksheets: one workbook per account manager, written from the published lists and read back as ratings.

make_workbooks.py writes them (xlsxwriter), import_ratings.py takes them in (openpyxl). What both must agree on, sheets,
headings and keys, is in layout.py (docs/worksheets.md).
"""
