"""Facts: units, tables of a case, amounts, flows and rates; decisions and reports stand on them."""
