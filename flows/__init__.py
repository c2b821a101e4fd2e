"""Facts: units, tables of a case, amounts, flows and rates; decisions and reports stand on them."""

import pandas

# With pyarrow installed pandas keeps text in Arrow's arrays, which refuse sums over rows that are not there: a case in
# which nothing is sold, say, could then not be planned. Text means the same either way; so does every result.
pandas.set_option("mode.string_storage", "python")
