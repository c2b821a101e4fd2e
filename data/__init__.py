"""The Capital Region: source tables with provenance and the script that makes the case workbook of them."""
