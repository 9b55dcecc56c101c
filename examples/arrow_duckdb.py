"""SQL on the events of a flood, with DuckDB: the articles that are sold most.

    python3 examples/arrow_duckdb.py FLOOD
"""

import sys

import duckdb

import flashflood

flood = flashflood.open(sys.argv[1], create=False)
events = flood.replay(where="country == 'France'").arrow()

# DuckDB finds `events` among the variables, and reads the replay as it needs it, once.
best = duckdb.sql(
    """
    select data->>'stock_code' as article, sum((data->>'quantity')::bigint) as pieces
    from events
    group by article
    order by pieces desc, article
    limit 3
    """
)
for article, pieces in best.fetchall():
    print(f"{article} {pieces}")
