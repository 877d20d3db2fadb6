{{ ledger(ref("final_recommendations"), "select * from " ~ source("published", "published_ledger"), "shown") }}
