"""Events of a flood as a Polars frame: turnover by month.

    python3 examples/arrow_polars.py FLOOD
"""

import sys

import polars

import flashflood

flood = flashflood.open(sys.argv[1], create=False)
events = polars.DataFrame(flood.replay(where="country == 'France'").arrow())

sale = polars.Struct({"quantity": polars.Int64, "unit_price": polars.Float64})
turnover = (
    events.with_columns(polars.col("data").str.json_decode(sale))
    .unnest("data")
    .group_by(polars.col("date").dt.strftime("%Y-%m").alias("month"))
    .agg((polars.col("quantity") * polars.col("unit_price")).sum().round(2).alias("pounds"))
    .sort("month")
)
for month, pounds in turnover.rows():
    print(f"{month} {pounds:10.2f}")
