"""Events of a flood as a pyarrow table, and as a Parquet file.

    python3 examples/arrow_pyarrow.py FLOOD FILE
"""

import sys

import pyarrow
import pyarrow.parquet

import flashflood

flood = flashflood.open(sys.argv[1], create=False)

# The whole range in memory...
sales = pyarrow.table(flood.replay(where="country == 'France'").arrow())
print(f"{sales.num_rows} events of {sales['date'][0]} to {sales['date'][-1]}")

# ... or batch by batch, in bounded memory.
batches = pyarrow.RecordBatchReader.from_stream(flood.replay().arrow())
with pyarrow.parquet.ParquetWriter(sys.argv[2], batches.schema, compression="zstd") as file:
    for batch in batches:
        file.write_batch(batch)
print(f"{pyarrow.parquet.read_metadata(sys.argv[2]).num_rows} events in {sys.argv[2]}")
