"""The tables of the store: the only definition of their columns."""

from sqlalchemy import Column, Double, Index, Integer, MetaData, Table, Text

METADATA = MetaData()
# Compared by bytes, so that every server, whatever its language, finds the same newest event.
KEY = Text().with_variant(Text(collation="C"), "postgresql")

RATING_EVENTS = Table(
    "rating_events",
    METADATA,
    Column("event_id", KEY, primary_key=True, comment="Saved again with this id, it stays one event."),
    Column("customer_id", KEY, nullable=False),
    Column("product_id", KEY, nullable=False),
    Column("rating", Text, nullable=False, comment="High, Medium, Low, or Withdrawn: there is no rating any more."),
    Column("reason_code", Text, comment="buys_elsewhere, no_need, price, out_of_stock, wrong_fit; or null."),
    Column("comment", Text, comment="Free text. Never published."),
    Column("rated_by", Text, nullable=False),
    Column("rated_at", KEY, nullable=False, comment="UTC with microseconds and Z: 2026-11-27T14:05:00.000000Z."),
    Column("channel", Text, nullable=False, comment="app, worksheet or import."),
    Column("run_id", Text, comment="Run whose list showed the product; null if none did."),
    Column("rank", Integer, comment="Its rank in that list, 1 or more."),
    Column("score", Double, comment="Its score there."),
    Column("source", Text, comment="Its source there: association, cluster_popularity ..."),
    Index("rating_events_of_a_pair", "customer_id", "product_id", "rated_at"),
)

LIST_OPENINGS = Table(
    "list_openings",
    METADATA,
    Column("opening_id", KEY, primary_key=True, comment="Saved again with this id, it stays one opening."),
    Column("customer_id", KEY, nullable=False),
    Column("run_id", Text, nullable=False, comment="Run whose list was opened."),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", KEY, nullable=False, comment="UTC with microseconds and Z."),
)

VISIT_NOTES = Table(
    "visit_notes",
    METADATA,
    Column("note_id", KEY, primary_key=True, comment="Saved again with this id, it stays one note."),
    Column("customer_id", KEY, nullable=False),
    Column("note", Text, nullable=False, comment="Free text. No run reads it, and it is never published."),
    Column("written_by", Text, nullable=False),
    Column("written_at", KEY, nullable=False, comment="UTC with microseconds and Z."),
    Index("visit_notes_of_a_customer", "customer_id", "written_at"),
)
