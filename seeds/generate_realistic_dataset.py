"""Generate believable demo data for a building-supply distributor: customers, products, invoices, feedback.

Usage::

    python seeds/generate_realistic_dataset.py                     # the files in seeds/demo/
    python seeds/generate_realistic_dataset.py --customers 500000 --products 20000 \\
        --invoices 10000000 --out /tmp/big --format parquet

``--invoices`` counts invoice *lines* (rows of the invoices file), and the file holds exactly that many.
An invoice has about two and a half lines; all of them share customer and date.

Why not plain random numbers? Because nothing can be learnt from them. The data hide a small model of how
contractors really buy, and a recommender is good if it finds that model again:

* A customer has a **region** and a **trade** (``end_use``), and inside the trade a **speciality**
  (residential or commercial painter ...) that no file shows. Clustering should find the speciality.
* A speciality does **projects**. A project needs a **kit**: roles such as *interior paint, brush, roller
  cover, tape*. A role is an L3 category with the probability that a crew needs it at all. One project is
  bought on one invoice or on several within weeks. Association rules should find the kits.
* A role is filled with one of the few **staples** that the region prefers in that category (local brand
  preference plus the trade's taste), more rarely with something from the long tail. A customer sticks to
  its choice, so it reorders the same products.
* A few lines are noise: other products of the trade, and products of foreign trades.
* Spring and summer are busy; de-icing sells in northern winters, pool supplies in southern summers.
* Customers join at different times, some stop buying, sizes differ by a factor of twenty, one line in a
  hundred is a return (negative quantity), and one customer in two hundred has not bought anything yet.
* Account managers rate products from what the customer's projects *need*, never from a score: a missing
  part of a kit is mostly High, another product of the trade Medium, a foreign product Low, with noise.

Determinism: the same arguments give the same bytes. Only raw uniform streams of PCG64 are drawn and
turned into choices by inverse distribution functions; lasting habits ("which screws does this customer
use?") come from an integer hash of the ids; sorting is stable; nothing depends on set or hash order.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

# --------------------------------------------------------------------------------------------------------
# Time
# --------------------------------------------------------------------------------------------------------

FIRST_DAY = np.datetime64("2023-01-01")
LAST_DAY = np.datetime64("2025-12-31")
DAYS = int((LAST_DAY - FIRST_DAY).astype(int)) + 1
SUNDAY_OFFSET = (int(FIRST_DAY.astype(int)) + 3) % 7  # day number + offset, modulo 7: 0 is Monday, 6 Sunday
DEFAULT_SEED = 20230101

# Relative demand per month, January first, for each kind of project.
SEASONS: dict[str, tuple[float, ...]] = {
    "general": (0.70, 0.75, 1.05, 1.30, 1.45, 1.45, 1.35, 1.25, 1.00, 0.95, 0.75, 0.65),
    "winter": (2.00, 1.50, 0.40, 0.03, 0.00, 0.00, 0.00, 0.00, 0.03, 0.40, 1.30, 2.00),
    "heating": (1.50, 1.10, 0.70, 0.40, 0.20, 0.20, 0.20, 0.40, 1.00, 1.60, 1.60, 1.50),
    "summer": (0.15, 0.30, 0.90, 1.60, 2.00, 2.00, 1.70, 1.20, 0.60, 0.25, 0.10, 0.10),
}
# Monday first: contractors hardly ever buy on Sundays.
WEEKDAYS = (1.15, 1.10, 1.05, 1.00, 1.10, 0.45, 0.05)

# --------------------------------------------------------------------------------------------------------
# Geography
# --------------------------------------------------------------------------------------------------------


class Region(NamedTuple):
    """One sales region: its share of customers, how cold and hot it is (0..1), and its cities."""

    name: str
    share: float
    cold: float
    hot: float
    cities: tuple[tuple[str, str], ...]  # (city, state)


def _cities(text: str) -> tuple[tuple[str, str], ...]:
    """Parse ``"Boston MA|Hartford CT"`` into (city, state) pairs."""
    return tuple((entry[:-3], entry[-2:]) for entry in text.split("|"))


# fmt: off
REGIONS: tuple[Region, ...] = (
    Region("Northeast", 1.12, 1.00, 0.08, _cities(
        "Boston MA|Worcester MA|Springfield MA|Providence RI|Hartford CT|New Haven CT|Stamford CT|Albany NY|"
        "Buffalo NY|Rochester NY|Syracuse NY|Manchester NH|Portland ME|Burlington VT|New York NY")),
    Region("Mid-Atlantic", 1.05, 0.45, 0.20, _cities(
        "Philadelphia PA|Pittsburgh PA|Allentown PA|Newark NJ|Trenton NJ|Edison NJ|Baltimore MD|Frederick MD|"
        "Wilmington DE|Richmond VA|Norfolk VA|Alexandria VA|Washington DC|Charleston WV")),
    Region("Southeast", 1.10, 0.03, 0.75, _cities(
        "Atlanta GA|Savannah GA|Augusta GA|Charlotte NC|Raleigh NC|Greensboro NC|Charleston SC|Columbia SC|"
        "Greenville SC|Nashville TN|Knoxville TN|Memphis TN|Birmingham AL|Huntsville AL")),
    Region("Gulf Coast", 0.98, 0.00, 1.00, _cities(
        "Tampa FL|Pensacola FL|Fort Myers FL|Sarasota FL|Mobile AL|Gulfport MS|Biloxi MS|New Orleans LA|"
        "Baton Rouge LA|Lafayette LA|Houston TX|Galveston TX|Beaumont TX|Corpus Christi TX")),
    Region("Midwest", 1.10, 1.00, 0.10, _cities(
        "Chicago IL|Rockford IL|Indianapolis IN|Fort Wayne IN|Detroit MI|Grand Rapids MI|Columbus OH|"
        "Cleveland OH|Milwaukee WI|Madison WI|Minneapolis MN|Saint Paul MN|Des Moines IA|Saint Louis MO")),
    Region("Southwest", 0.95, 0.02, 0.95, _cities(
        "Phoenix AZ|Tucson AZ|Mesa AZ|Scottsdale AZ|Albuquerque NM|Las Cruces NM|Santa Fe NM|Las Vegas NV|"
        "Henderson NV|El Paso TX|San Antonio TX|Dallas TX|Fort Worth TX|Austin TX")),
    Region("Mountain", 0.82, 0.95, 0.12, _cities(
        "Denver CO|Colorado Springs CO|Fort Collins CO|Boulder CO|Salt Lake City UT|Provo UT|Ogden UT|"
        "Boise ID|Idaho Falls ID|Billings MT|Missoula MT|Bozeman MT|Cheyenne WY|Casper WY")),
    Region("Pacific", 0.95, 0.12, 0.35, _cities(
        "Seattle WA|Tacoma WA|Spokane WA|Portland OR|Salem OR|Eugene OR|Sacramento CA|Oakland CA|"
        "San Francisco CA|San Jose CA|Fresno CA|Los Angeles CA|San Diego CA|Long Beach CA")),
)
# fmt: on

# --------------------------------------------------------------------------------------------------------
# Catalogue: L2 category -> L3 categories. A product is brand x kind x option; kinds and options are listed
# from cheap to expensive and set the price inside the category's bounds.
# --------------------------------------------------------------------------------------------------------


class Category(NamedTuple):
    """One L3 category of the catalogue."""

    l2: str
    l3: str
    low: float  # cheapest usual unit price, dollars
    high: float  # dearest usual unit price, dollars
    units: int  # usual quantity on one invoice line
    brands: tuple[str, ...]
    kinds: tuple[str, ...]
    options: tuple[str, ...]

    @property
    def capacity(self) -> int:
        """How many different names brand x kind x option gives."""
        return len(self.brands) * len(self.kinds) * len(self.options)


def _shelf(l2: str, *rows: tuple[str, float, float, int, str, str, str]) -> tuple[Category, ...]:
    """The L3 categories of one L2 category; the text columns are lists separated by ``|``."""
    return tuple(
        Category(l2, l3, low, high, units, *(tuple(text.split("|")) for text in (brands, kinds, options)))
        for l3, low, high, units, brands, kinds, options in rows
    )


_CORDLESS = "Ryobi|Ridgid|Bosch|Makita|DeWalt|Milwaukee|Metabo HPT"
_KITS = "Bare Tool|with 2.0Ah Battery|Kit with 4.0Ah Battery|Kit with Two 5.0Ah Batteries"

# fmt: off
CATALOGUE: tuple[Category, ...] = (
    *_shelf(
        "Power Tools",
        ("Cordless Drills", 79, 349, 1, _CORDLESS,
         "12V Compact Drill|18V Cordless Drill|20V MAX Cordless Drill|20V MAX XR Hammer Drill", _KITS),
        ("Impact Drivers", 89, 329, 1, _CORDLESS,
         "12V Impact Driver|18V Impact Driver|20V MAX Impact Driver|20V MAX 3-Speed Impact Driver", _KITS),
        ("Circular Saws", 69, 399, 1, _CORDLESS,
         "5-1/2\" Circular Saw|6-1/2\" Circular Saw|7-1/4\" Circular Saw|7-1/4\" Rear-Handle Saw", _KITS),
        ("Reciprocating Saws", 79, 379, 1, _CORDLESS,
         "One-Handed Reciprocating Saw|Compact Reciprocating Saw|Orbital Reciprocating Saw", _KITS),
        ("Angle Grinders", 49, 299, 1, _CORDLESS,
         "4-1/2\" Angle Grinder|5\" Angle Grinder|6\" Paddle Switch Grinder", _KITS),
        ("Rotary Hammers", 149, 899, 1, "Ridgid|Bosch|Makita|DeWalt|Milwaukee|Hilti",
         "5/8\" SDS-Plus Rotary Hammer|1\" SDS-Plus Rotary Hammer|1-1/8\" SDS-Plus Rotary Hammer|"
         "1-9/16\" SDS-Max Rotary Hammer", "Corded|Bare Tool|Kit with 5.0Ah Battery|Kit with Dust Extractor"),
        ("Sanders", 39, 329, 1, "Ryobi|Bosch|Makita|DeWalt|Mirka|Festool",
         "Palm Sander|5\" Random Orbit Sander|6\" Random Orbit Sander|Drywall Sander",
         "Corded|Variable Speed|Cordless Bare Tool|Cordless Kit"),
        ("Drill Bits", 6.5, 89, 2, "Irwin|Bosch|DeWalt|Milwaukee|Diablo",
         "Spade Bit Set|Black Oxide Bit Set|Titanium Bit Set|SDS-Plus Bit Set|Cobalt Bit Set",
         "6-Piece|10-Piece|14-Piece|21-Piece"),
        ("Saw Blades", 7.5, 79, 3, "Irwin|Diablo|Makita|DeWalt|Freud",
         "Reciprocating Demolition Blade|Framing Blade|Finish Blade|Plywood Blade|Diamond Blade",
         "6\"|7-1/4\"|10\"|12\""),
    ),
    *_shelf(
        "Hand Tools",
        ("Hammers", 9.5, 69, 1, "Stanley|Vaughan|Estwing|DeWalt|Stiletto",
         "Claw Hammer|Ball Peen Hammer|Rip Hammer|Framing Hammer", "12 oz|16 oz|20 oz|22 oz Milled Face"),
        ("Screwdrivers", 5.5, 59, 1, "Stanley|Craftsman|Irwin|Klein Tools|Wera",
         "Phillips Screwdriver|Slotted Screwdriver|11-in-1 Multi-Bit Driver|Insulated Screwdriver Set",
         "Small|Standard|Cushion Grip|Magnetic"),
        ("Pliers & Wrenches", 11, 79, 1, "Stanley|Crescent|Irwin|Channellock|Klein Tools|Knipex",
         "Slip-Joint Pliers|Tongue & Groove Pliers|Diagonal Cutters|Adjustable Wrench|Pipe Wrench",
         "6\"|8\"|10\"|12\""),
        ("Tape Measures", 7.5, 45, 1, "Komelon|Stanley|Lufkin|DeWalt|Milwaukee",
         "Tape Measure|Self-Lock Tape Measure|FatMax Style Wide Blade Tape|Magnetic Tape Measure",
         "12 ft|16 ft|25 ft|35 ft"),
        ("Levels", 9.5, 189, 1, "Johnson|Empire|Stanley|Stabila|DeWalt",
         "Torpedo Level|I-Beam Level|Box Level|Magnetic Box Level|Cross-Line Laser Level",
         "9\"|24\"|48\"|72\""),
        ("Utility Knives", 4.5, 39, 2, "Stanley|Olfa|Irwin|Milwaukee|Husky",
         "Snap-Off Knife|Retractable Utility Knife|Folding Utility Knife|Hawkbill Knife",
         "18 mm|Quick Change|Heavy Duty|with 50 Blades"),
    ),
    *_shelf(
        "Fasteners",
        ("Wood Screws", 6.5, 69, 6, "Everbilt|Grip-Rite|Deck Mate|GRK|Spax",
         "Zinc Wood Screws|Multi-Purpose Screws|Coated Deck Screws|Stainless Deck Screws",
         "#8 x 1-1/4\", 1 lb|#8 x 2\", 1 lb|#9 x 2-1/2\", 5 lb|#10 x 3\", 5 lb"),
        ("Framing Nails", 19, 89, 4, "Grip-Rite|Paslode|Bostitch|Senco|Metabo HPT",
         "Bright Framing Nails|Ring Shank Framing Nails|Hot-Dipped Framing Nails|Paper Tape Framing Nails",
         "2-3/8\", 1,000 ct|3\", 1,000 ct|3\", 2,000 ct|3-1/4\", 2,500 ct"),
        ("Finish Nails", 7.5, 49, 3, "Grip-Rite|Bostitch|Senco|DeWalt|Freeman",
         "23-Gauge Pins|18-Gauge Brad Nails|16-Gauge Finish Nails|15-Gauge Angled Finish Nails",
         "1\"|1-1/4\"|2\"|2-1/2\""),
        ("Drywall Screws", 6.5, 45, 4, "Grip-Rite|Everbilt|PrimeSource|SureDrive|Hillman",
         "Coarse Thread Drywall Screws|Fine Thread Drywall Screws|Collated Drywall Screws",
         "1-1/4\", 1 lb|1-5/8\", 5 lb|2\", 5 lb|3\", 25 lb"),
        ("Concrete Anchors", 8.5, 119, 4, "Red Head|Tapcon|Hilti|Simpson Strong-Tie|DeWalt",
         "Sleeve Anchor|Concrete Screw Anchor|Wedge Anchor|Drop-In Anchor",
         "1/4\" x 1-3/4\", 25 ct|3/8\" x 3\", 25 ct|1/2\" x 4\", 25 ct|5/8\" x 6\", 10 ct"),
        ("Structural Connectors", 1.2, 29, 20, "USP|Simpson Strong-Tie|MiTek|Everbilt",
         "Joist Hanger|Hurricane Tie|Angle Bracket|Post Base|Beam Seat",
         "2x4|2x6|2x8|4x4 Galvanized|6x6 Stainless"),
    ),
    *_shelf(
        "Building Materials",
        ("Dimensional Lumber", 3.6, 39, 40, "Weyerhaeuser|Georgia-Pacific|Canfor|Sierra Pacific",
         "2x4 SPF Stud|2x6 SPF Board|2x8 Fir Joist|2x10 Fir Joist|4x4 Treated Post", "8 ft|10 ft|12 ft|"
         "16 ft"),
        ("Plywood & Sheathing", 13, 89, 20, "LP|Georgia-Pacific|Huber|Roseburg",
         "OSB Sheathing|CDX Plywood|T&G Subfloor Panel|Coated Wall Sheathing|Sanded Plywood",
         "7/16\" 4x8|1/2\" 4x8|5/8\" 4x8|3/4\" 4x8"),
        ("Drywall", 9.5, 29, 30, "USG Sheetrock|National Gypsum|CertainTeed|American Gypsum",
         "Lightweight Drywall|Fire-Rated Drywall|Moisture-Resistant Drywall|Mold-Defense Drywall",
         "1/2\" 4x8|1/2\" 4x10|1/2\" 4x12|5/8\" 4x12"),
        ("Joint Compound", 8.5, 39, 5, "USG Sheetrock|DAP|ProForm|Hamilton",
         "Topping Compound|All-Purpose Joint Compound|Lightweight Joint Compound|Setting Compound 45",
         "1 gal Pail|18 lb Bag|3.5 gal Box|4.5 gal Pail"),
        ("Insulation", 16, 99, 12, "Owens Corning|Johns Manville|Knauf|Rockwool|CertainTeed",
         "Unfaced Batts|Kraft-Faced Batts|Sound Batts|Stone Wool Batts", "R-13|R-15|R-19|R-30"),
        ("Decking Boards", 12, 79, 40, "YellaWood|Fiberon|TimberTech|Trex",
         "Pressure-Treated Deck Board|Scalloped Composite Board|Grooved Composite Board|Capped PVC Board",
         "8 ft Cedar Tone|12 ft Pebble Gray|16 ft Saddle|16 ft Spiced Rum|20 ft Havana Gold"),
        ("Trim & Moulding", 4.5, 49, 20, "Woodgrain|Metrie|Alexandria|House of Fara",
         "Quarter Round|Primed MDF Baseboard|Colonial Casing|Crown Moulding|Oak Chair Rail",
         "8 ft|10 ft|12 ft|16 ft"),
    ),
    *_shelf(
        "Paints",
        ("Interior Paint", 24, 89, 8, "Glidden|Behr Premium Plus|Valspar|PPG|Sherwin-Williams|Benjamin Moore",
         "Interior Flat Paint 1 gal|Interior Eggshell Paint 1 gal|Interior Satin Paint 1 gal",
         "Ultra Pure White|Swiss Coffee|Agreeable Gray|Accessible Beige|Hale Navy"),
        ("Exterior Paint", 29, 99, 6, "Glidden|Behr Marquee|Valspar|PPG|Sherwin-Williams|Benjamin Moore",
         "Exterior Flat Paint 1 gal|Exterior Satin Paint 1 gal|Exterior Semi-Gloss Paint 1 gal",
         "White|Light French Gray|Sage Green|Barn Red|Deep Base"),
        ("Primers", 16, 79, 4, "Glidden|Kilz|Zinsser|Behr|Sherwin-Williams",
         "Drywall Primer|Multi-Surface Primer|Stain-Blocking Primer|Bonding Primer",
         "1 qt|1 gal|2 gal|5 gal"),
        ("Wood Stains", 11, 69, 4, "Thompson's|Minwax|Varathane|Cabot|Ready Seal",
         "Oil-Based Wood Stain|Semi-Transparent Deck Stain|Solid Color Deck Stain",
         "1 qt Golden Oak|1 qt Dark Walnut|1 gal Cedar|1 gal Redwood|1 gal Ebony"),
        ("Trim Enamel", 19, 95, 4, "Glidden|Behr|Valspar|PPG Breakthrough|Sherwin-Williams|Benjamin Moore",
         "Satin Trim Enamel|Semi-Gloss Trim Enamel|High-Gloss Urethane Enamel",
         "1 qt White|1 qt Black|1 gal White|1 gal Tint Base"),
        ("Epoxy Coatings", 49, 249, 3, "Rust-Oleum|Behr|Seal-Krete|Sherwin-Williams|Sika",
         "1-Part Epoxy Floor Paint|2-Part Epoxy Kit|Polyaspartic Clear Coat|Direct-to-Metal Epoxy",
         "Silver Gray|Tan|Safety Yellow|Tile Red"),
    ),
    *_shelf(
        "Painting Supplies",
        ("Paint Brushes", 4.5, 34, 6, "Linzer|Wooster|Purdy|Corona|Zibra",
         "Flat Sash Brush|Angle Sash Brush|Nylon/Polyester Brush|Chinex Trim Brush",
         "1-1/2\"|2\"|2-1/2\"|3\""),
        ("Roller Covers", 4.5, 39, 8, "Linzer|Wooster|Purdy|Corona|Premier",
         "Woven Roller Cover|Microfiber Roller Cover|Knit Roller Cover|Lambswool Roller Cover",
         "4\" Mini|9\" x 3/8\" Nap|9\" x 1/2\" Nap|18\" x 3/4\" Nap"),
        ("Frames & Poles", 5.5, 65, 2, "Linzer|Wooster|Purdy|Mr. LongArm|Bates",
         "Roller Frame|Cage Frame|Fiberglass Extension Pole|Locking Extension Pole",
         "4\" to 2 ft|9\" to 4 ft|14\" to 6 ft|18\" to 12 ft"),
        ("Trays & Buckets", 2.5, 29, 4, "Linzer|Wooster|HANDy|Encore|Leaktite",
         "Tray Liner|Plastic Paint Tray|Metal Paint Tray|Bucket with Grid", "1 qt|1 gal|2 gal|5 gal"),
        ("Painters Tape", 4.5, 39, 8, "Duck|ScotchBlue|FrogTape|IPG|Shurtape",
         "General Masking Tape|Original Painters Tape|Delicate Surface Tape|Multi-Surface Tape",
         "0.94\" x 60 yd|1.41\" x 60 yd|1.88\" x 60 yd|1.88\" x 60 yd, 6 ct"),
        ("Drop Cloths & Film", 4.5, 59, 4, "Trimaco|Warner|Everbilt|Husky|Film-Gard",
         "Plastic Drop Cloth|Masking Film|Butyl Drop Cloth|Canvas Drop Cloth",
         "4 ft x 12 ft|9 ft x 12 ft|10 ft x 20 ft|12 ft x 50 ft"),
        ("Caulks & Sealants", 3.5, 18, 12, "DAP|GE|Red Devil|Sashco|OSI",
         "Painters Acrylic Caulk|Acrylic Latex Caulk with Silicone|Silicone Sealant|Polyurethane Sealant",
         "White 10 oz|Clear 10 oz|Almond 10 oz|Gray 28 oz"),
        ("Patching Compounds", 4.5, 32, 3, "3M|DAP|Red Devil|Durham's|Zinsser",
         "Lightweight Spackling|Wood Filler|Exterior Patch|Skim Coat Plaster", "8 oz|1 pt|1 qt|1 gal"),
        ("Sandpaper", 4.5, 29, 6, "Gator|3M|Norton|Diablo|Mirka",
         "Sanding Sponge|Sandpaper Sheets|5\" Sanding Discs|Drywall Sanding Screen",
         "60 Grit|120 Grit|180 Grit|220 Grit"),
        ("Spray Equipment", 19, 899, 1, "Wagner|Titan|Graco|Fuji|Campbell Hausfeld",
         "Spray Filter Kit|Reversible Spray Tip|Airless Spray Gun|Airless Paint Sprayer",
         "Fine Finish|Standard|Pro|Contractor"),
    ),
    *_shelf(
        "Plumbing",
        ("PEX Pipe", 14, 189, 5, "Apollo|SharkBite|Uponor|Viega",
         "PEX-B Pipe Red|PEX-B Pipe Blue|PEX-A Pipe White|Oxygen Barrier PEX",
         "1/2\" x 25 ft|1/2\" x 100 ft|3/4\" x 100 ft|1\" x 100 ft"),
        ("PVC Fittings", 0.8, 24, 20, "Charlotte Pipe|Lasco|Oatey|Dura|Spears",
         "PVC Coupling|PVC 90° Elbow|PVC Sanitary Tee|PVC Ball Valve", "1/2\"|3/4\"|1-1/2\"|2\""),
        ("Copper Fittings", 1.2, 39, 15, "Nibco|Everbilt|Mueller|Viega ProPress",
         "Copper Coupling|Copper 90° Elbow|Copper Tee|Press Adapter", "1/2\"|3/4\"|1\"|1-1/4\""),
        ("Push-Fit Fittings", 6.5, 49, 8, "Apollo|SharkBite|Tectite|John Guest",
         "Push-to-Connect Coupling|Push-to-Connect Elbow|Push-to-Connect Tee|Slip Coupling",
         "3/8\"|1/2\"|3/4\"|1\""),
        ("Shutoff Valves", 7.5, 49, 6, "BrassCraft|Apollo|SharkBite|Watts|Nibco",
         "Angle Stop Valve|Straight Stop Valve|Dual Outlet Stop|Full Port Ball Valve",
         "3/8\"|1/2\"|3/4\"|1\""),
        ("Drain Parts", 4.5, 79, 6, "Everbilt|Oatey|Keeney|Dearborn|Sioux Chief",
         "P-Trap|Tailpiece Kit|Tub Drain Kit|Shower Drain", "1-1/4\" White|1-1/2\" White|1-1/2\" Chrome|"
         "2\" ABS"),
        ("Faucets & Fixtures", 59, 449, 2, "Glacier Bay|Pfister|Delta|Moen|Kohler",
         "Centerset Bath Faucet|Tub & Shower Trim|Widespread Bath Faucet|Pull-Down Kitchen Faucet",
         "Chrome|Matte Black|Brushed Nickel|Spot Resist Stainless"),
        ("Toilets & Parts", 9.5, 399, 2, "Fluidmaster|Korky|American Standard|Kohler|TOTO",
         "Wax Ring Kit|Fill Valve|Round Toilet|Elongated Toilet",
         "Standard|1.28 GPF|Comfort Height|Complete Kit"),
        ("Water Heaters & Parts", 19, 1299, 1, "Camco|Rheem|A. O. Smith|Bradford White|Rinnai",
         "Element Kit|Expansion Tank|Electric Water Heater|Gas Water Heater",
         "30 gal|40 gal|50 gal|75 gal"),
        ("Pipe Sealants", 1.8, 19, 6, "Oatey|Hercules|RectorSeal|Blue Monster|Gasoila",
         "PTFE Thread Tape|Pipe Joint Compound|PVC Primer|PVC Cement", "1/2 oz|4 oz|8 oz|16 oz"),
    ),
    *_shelf(
        "Electrical",
        ("Building Wire", 39, 399, 3, "Southwire|Cerrowire|Encore|Romex SIMpull",
         "14/2 NM-B Cable|12/2 NM-B Cable|10/3 NM-B Cable|6/3 NM-B Cable", "50 ft|100 ft|250 ft|500 ft"),
        ("Breakers", 6.5, 129, 6, "GE|Siemens|Eaton|Square D|Leviton",
         "Single-Pole Breaker|Double-Pole Breaker|AFCI Breaker|Dual-Function AFCI/GFCI Breaker",
         "15 A|20 A|30 A|50 A"),
        ("Electrical Panels", 79, 699, 1, "GE|Siemens|Eaton|Square D|Leviton",
         "Sub-Panel|Main Lug Load Center|Main Breaker Load Center|Meter-Main Combo",
         "100 A|125 A|150 A|200 A"),
        ("Outlets & Switches", 1.2, 49, 20, "Eaton|Legrand|Leviton|Lutron|Hubbell",
         "Single-Pole Switch|Tamper-Resistant Outlet|GFCI Outlet|Decora Dimmer",
         "White|Ivory|Light Almond|Black"),
        ("Wall Plates & Boxes", 0.9, 29, 20, "Carlon|Raco|Leviton|Hubbell|Arlington",
         "1-Gang Wall Plate|2-Gang Wall Plate|New Work Box|Old Work Box|Weatherproof Box",
         "White|Light Almond|Blue|Gray"),
        ("Conduit & Fittings", 2.2, 59, 15, "Carlon|Allied|Cantex|Southwire|Halex",
         "EMT Connector|PVC Conduit 10 ft|EMT Conduit 10 ft|Liquidtight Conduit",
         "1/2\"|3/4\"|1\"|1-1/2\""),
        ("Wire Connectors", 3.5, 49, 5, "Gardner Bender|Ideal|3M|Wago|King Innovation",
         "Twist-On Wire Connectors|Winged Wire Connectors|Lever Connectors|Waterproof Connectors",
         "25 ct|50 ct|100 ct|500 ct"),
        ("Light Fixtures", 14, 299, 4, "Commercial Electric|Halo|Lithonia|Progress|Juno",
         "Canless Recessed Light|LED Wrap Light|LED Flat Panel|LED High Bay",
         "2700K|3000K|4000K|Selectable CCT"),
        ("LED Lamps", 3.5, 59, 12, "Feit|EcoSmart|Philips|Cree|GE",
         "A19 LED Bulb|BR30 LED Bulb|T8 LED Tube|PAR38 LED Flood", "Soft White|Bright White|Daylight|"
         "Daylight 4-Pack"),
    ),
    *_shelf(
        "HVAC",
        ("Air Filters", 5.5, 49, 12, "Flanders|Filtrete|Honeywell|Nordic Pure|Aprilaire",
         "MERV 5 Air Filter|MERV 8 Pleated Filter|MERV 11 Pleated Filter|MERV 13 Pleated Filter",
         "16x20x1|16x25x1|20x25x1|20x25x4"),
        ("Thermostats", 24, 279, 2, "Lux|White-Rodgers|Honeywell Home|Emerson Sensi|ecobee",
         "Non-Programmable Thermostat|7-Day Programmable Thermostat|Wi-Fi Thermostat|Smart Thermostat",
         "1H/1C|2H/1C|2H/2C|3H/2C"),
        ("Ductwork", 6.5, 119, 10, "Master Flow|Imperial|Southwark|Hart & Cooley",
         "Galvanized Elbow|Galvanized Round Duct|Insulated Flex Duct|Plenum Box",
         "6\"|8\"|10\"|12\""),
        ("Furnace Parts", 14, 289, 2, "White-Rodgers|Honeywell|Fasco|ICM|Robertshaw",
         "Flame Sensor|Hot Surface Igniter|Gas Valve|Inducer Motor|Control Board",
         "Universal|24V|80% Efficiency|90% Efficiency"),
        ("AC Parts", 9.5, 449, 3, "Titan|Mars|Diversitech|Goodman|Packard",
         "Run Capacitor|Contactor|Condenser Fan Motor|Hard Start Kit|Evaporator Coil",
         "2 ton|3 ton|4 ton|5 ton"),
        ("Refrigerants & Line Sets", 39, 499, 2, "Mueller|Chemours|Arkema|Diversitech|Rectorseal",
         "Line Set Cover|Copper Line Set|R-410A Cylinder|R-454B Cylinder",
         "15 ft|25 ft|35 ft|50 ft"),
        ("Duct Tapes & Sealants", 5.5, 49, 6, "Nashua|3M|Polyken|Hardcast|RCD",
         "Foil Tape|UL181 Butt Tape|Butyl Foil Tape|Water-Based Mastic", "2\" x 50 yd|2-1/2\" x 60 yd|"
         "3\" x 60 yd|1 gal"),
        ("Registers & Grilles", 5.5, 69, 8, "Decor Grates|Hart & Cooley|TruAire|Speedi-Grille",
         "Floor Register|Ceiling Register|Return Air Grille|Filter Grille",
         "4x10|6x12|14x14|20x20"),
    ),
    *_shelf(
        "Safety",
        ("Work Gloves", 3.5, 39, 12, "Firm Grip|G & F|Ansell|Mechanix|Wells Lamont",
         "Nitrile-Dipped Gloves|Latex-Coated Gloves|Cut-Resistant Gloves|Leather Palm Gloves",
         "Medium|Large|X-Large|XX-Large, 3-Pack"),
        ("Safety Glasses", 2.5, 29, 6, "Pyramex|3M|DeWalt|Uvex|Edge",
         "Clear Safety Glasses|Tinted Safety Glasses|Anti-Fog Safety Glasses|Sealed Goggles",
         "Standard|Slim Fit|Over-the-Glass|12-Pack"),
        ("Respirators", 6.5, 59, 3, "3M|Honeywell North|Moldex|GVS|Miller",
         "N95 Disposable Respirator|P100 Filter Pair|Half-Mask Respirator|Organic Vapor Half-Mask",
         "Small|Medium|Large|10-Pack"),
        ("Hard Hats & Vests", 8.5, 89, 4, "ERB|MSA|Pyramex|Klein Tools|Radians",
         "Class 2 Mesh Vest|Class 3 Vest|Cap Style Hard Hat|Full Brim Hard Hat",
         "Lime|Orange|White|Vented"),
        ("Fall Protection", 24, 289, 2, "Guardian|Werner|3M Protecta|Malta Dynamics",
         "Roof Anchor|Shock-Absorbing Lanyard|Full-Body Harness|Roofer's Kit",
         "Standard|Large|50 ft Lifeline|100 ft Lifeline"),
        ("Hearing & Knee Protection", 4.5, 59, 3, "3M|Howard Leight|ToughBuilt|Klein Tools|NoCry",
         "Foam Earplugs|Earmuffs|Foam Knee Pads|Gel Knee Pads", "Standard|Comfort|Pro|Contractor"),
    ),
    *_shelf(
        "Lawn & Garden",
        ("Mulch & Soil", 3.2, 14, 40, "Vigoro|Scotts Nature Scapes|Timberline|Kellogg|Miracle-Gro",
         "Topsoil|Hardwood Mulch|Colored Mulch|Raised Bed Soil", "1 cu ft|1.5 cu ft|2 cu ft Brown|"
         "2 cu ft Black"),
        ("Grass Seed & Fertilizer", 12, 119, 6, "Pennington|Scotts|Jonathan Green|The Andersons|Milorganite",
         "Starter Fertilizer|Lawn Fertilizer|Sun & Shade Seed|Tall Fescue Seed", "5,000 sq ft|7 lb|20 lb|"
         "50 lb"),
        ("Irrigation Parts", 1.6, 149, 12, "Orbit|Rain Bird|Hunter|Toro|K-Rain",
         "Drip Emitter|Pop-Up Spray Head|Rotor Head|Anti-Siphon Valve|Sprinkler Timer",
         "1/2\"|3/4\"|1\"|Pro Series"),
        ("Trimmer Line & Oil", 4.5, 59, 6, "Arnold|Oregon|Echo|Husqvarna|Stihl",
         "2-Cycle Oil|Round Trimmer Line|Twisted Trimmer Line|Bar & Chain Oil",
         "0.080\" 50 ft|0.095\" 140 ft|0.105\" 3 lb|1 gal"),
        ("Outdoor Power Equipment", 99, 799, 1, "Ryobi|EGO|Echo|Husqvarna|Stihl",
         "Hedge Trimmer|String Trimmer|Leaf Blower|Chain Saw|Self-Propelled Mower",
         "Bare Tool|Battery Kit|Gas|Pro"),
        ("Landscape Fabric & Edging", 9.5, 119, 5, "Vigoro|DeWitt|Dimex|EasyFlex|Suncast",
         "Fabric Staples|Landscape Fabric|No-Dig Edging Kit|Steel Edging",
         "3 ft x 50 ft|3 ft x 100 ft|4 ft x 100 ft|6 ft x 100 ft"),
        ("Shovels & Rakes", 12, 79, 2, "Ames|Razor-Back|Fiskars|Bully Tools|True Temper",
         "Leaf Rake|Bow Rake|Digging Shovel|Transfer Shovel", "Wood Handle|Fiberglass Handle|D-Handle|Steel"),
    ),
    *_shelf(
        "Roofing",
        ("Asphalt Shingles", 29, 69, 40, "GAF Timberline|Owens Corning Duration|CertainTeed Landmark|IKO|"
         "Tamko",
         "3-Tab Shingles|Architectural Shingles|Impact-Resistant Shingles",
         "Charcoal|Weathered Wood|Pewter Gray|Barkwood|Shakewood"),
        ("Roof Underlayment", 19, 149, 6, "Warrior|GAF|Owens Corning|Grace|Tarco",
         "15 lb Felt|30 lb Felt|Synthetic Underlayment|Ice & Water Shield",
         "2 sq|4 sq|5 sq|10 sq"),
        ("Drip Edge & Flashing", 4.5, 59, 20, "Amerimax|Gibraltar|Oatey|Spectra|Union",
         "Step Flashing|Drip Edge 10 ft|Pipe Boot|Valley Flashing", "White|Brown|Mill|Black Aluminum"),
        ("Roofing Nails", 14, 69, 5, "Grip-Rite|Bostitch|Paslode|Metabo HPT|Everbilt",
         "Coil Roofing Nails|Hot-Dipped Roofing Nails|Cap Nails|Stainless Roofing Nails",
         "7/8\"|1\"|1-1/4\"|1-3/4\""),
        ("Roof Cements & Coatings", 5.5, 199, 5, "Henry|Karnak|Gardner|Black Jack|Tropi-Cool",
         "Plastic Roof Cement|Wet Patch|Aluminum Coating|Silicone Roof Coating",
         "10 oz|1 gal|3.5 gal|5 gal"),
        ("Low-Slope Membranes", 69, 699, 3, "GAF|Firestone|Carlisle|Polyglass|JM",
         "Modified Bitumen Cap Sheet|Self-Adhered Base Sheet|TPO Membrane|EPDM Membrane",
         "1 sq White|1 sq Black|10 ft x 50 ft|10 ft x 100 ft"),
        ("Gutters & Downspouts", 3.5, 49, 12, "Amerimax|Spectra|Genova|Raindrop",
         "Gutter Hanger|Downspout Elbow|Aluminum Gutter|Gutter Guard", "White|Brown|Black|Almond 10 ft"),
    ),
    *_shelf(
        "Flooring",
        ("Vinyl Plank", 29, 119, 12, "TrafficMaster|Lifeproof|Shaw|Mohawk|COREtec",
         "Peel & Stick Plank|Click Vinyl Plank|Rigid Core Plank",
         "Sterling Oak|Fresh Oak|Chestnut Hickory|Walton Oak|Driftwood"),
        ("Ceramic & Porcelain Tile", 14, 99, 20, "Daltile|MSI|Marazzi|Emser|Florida Tile",
         "Ceramic Wall Tile|Ceramic Floor Tile|Porcelain Tile|Mosaic Sheet",
         "White Subway 3x6|Gray 12x12|Travertine Look 12x24|Marble Look 24x24"),
        ("Hardwood Flooring", 49, 219, 12, "Bruce|Blue Ridge|Shaw|Mohawk|Mullican",
         "Engineered Oak|Engineered Hickory|Solid Oak|Solid Maple", "Natural|Gunstock|Saddle|Ebony"),
        ("Floor Underlayment", 19, 189, 6, "Roberts|QuietWalk|FloorMuffler|Schluter|James Hardie",
         "Foam Underlayment|Cork Underlayment|Cement Backer Board|Uncoupling Membrane",
         "100 sq ft|150 sq ft|200 sq ft|360 sq ft"),
        ("Thinset & Grout", 11, 79, 8, "Custom Building Products|Mapei|Laticrete|TEC",
         "Unsanded Grout|Sanded Grout|Fortified Thinset|Large Format Mortar|Epoxy Grout",
         "10 lb White|25 lb Bright White|25 lb Delorean Gray|50 lb Gray"),
        ("Floor Adhesives", 14, 189, 3, "Roberts|Henry|Bostik|Mapei|Titebond",
         "Carpet Adhesive|Vinyl Adhesive|Wood Flooring Adhesive|Moisture Barrier Adhesive",
         "1 qt|1 gal|3.5 gal|4 gal"),
        ("Transitions & Spacers", 3.5, 59, 8, "QEP|Schluter|TrafficMaster|M-D|Raimondi",
         "Tile Spacers|Leveling Clips|T-Molding|Reducer Strip", "1/16\"|1/8\"|36\" Satin|72\" Oak"),
    ),
    *_shelf(
        "Concrete & Masonry",
        ("Bagged Concrete", 4.8, 19, 40, "Quikrete|Sakrete|Rapid Set|Amerimix",
         "Concrete Mix|Fast-Setting Concrete|High-Strength 5000 Mix|Crack-Resistant Mix",
         "50 lb|60 lb|80 lb|80 lb Pro"),
        ("Mortar & Stucco", 6.5, 34, 20, "Quikrete|Sakrete|Amerimix|Spec Mix",
         "Type N Mortar|Type S Mortar|Mason Mix|Scratch & Brown Stucco", "60 lb|70 lb|80 lb|94 lb White"),
        ("Rebar & Mesh", 4.5, 69, 20, "Weyerhaeuser|Gerdau|MMI|Nucor",
         "Rebar Tie Wire|Rebar Chair|Grade 60 Rebar|Welded Wire Mesh", "3/8\" 10 ft|1/2\" 10 ft|1/2\" 20 ft|"
         "5/8\" 20 ft"),
        ("Forms & Joint Filler", 4.5, 79, 10, "Sonotube|Sika|MFM|Bon Tool",
         "Expansion Joint Foam|Fiber Joint Filler|Form Tube|Form Release", "4\"|8\"|10\"|12\""),
        ("Concrete Sealers", 19, 189, 4, "Quikrete|Seal-Krete|Foundation Armor|Eagle|Euclid",
         "Cure & Seal|Wet Look Sealer|Penetrating Sealer|Acrylic Tinted Sealer",
         "1 gal Clear|1 gal Gloss|5 gal Clear|5 gal Matte"),
        ("Concrete Repair", 6.5, 79, 5, "Quikrete|Sakrete|Sika|DAP|Rapid Set",
         "Crack Filler|Vinyl Patch|Hydraulic Cement|Self-Leveling Underlayment", "10 oz|10 lb|20 lb|50 lb"),
        ("Masonry Tools", 8.5, 129, 2, "Bon Tool|Marshalltown|Kraft Tool|QLT",
         "Margin Trowel|Pool Trowel|Magnesium Float|Edger|Bull Float", "5\"|12\"|16\"|20\""),
    ),
    *_shelf(
        "Seasonal & Outdoor",
        ("Ice Melt", 7.5, 45, 30, "Morton|Road Runner|Snow Joe|Safe Step|Vaporizer",
         "Rock Salt|Blended Ice Melt|Pet-Safe Ice Melt|Calcium Chloride Pellets",
         "10 lb|20 lb|40 lb|50 lb"),
        ("Snow Tools", 14, 149, 3, "Suncast|Garant|True Temper|Snow Joe|Bigfoot",
         "Snow Pusher|Snow Shovel|Roof Rake|Walk-Behind Spreader", "18\"|20\"|24\"|30\" Pro"),
        ("Pool Chemicals", 9.5, 149, 8, "HTH|Clorox Pool|Kem-Tek|In The Swim|Bioguard",
         "pH Increaser|Algaecide|Pool Shock|Chlorine Tablets", "1 lb|5 lb|12 lb|25 lb"),
        ("Pool Equipment", 14, 599, 2, "Poolmaster|Intex|Hayward|Pentair|Zodiac",
         "Skimmer Net|Filter Cartridge|Automatic Cleaner|Pool Pump", "Compact|Standard|1 HP|"
         "1.5 HP Variable Speed"),
        ("Portable Heaters", 29, 399, 2, "Comfort Zone|Lasko|Mr. Heater|DeWalt|Dyna-Glo",
         "Ceramic Heater|Radiant Propane Heater|Forced Air Heater|Kerosene Heater",
         "1,500 W|15,000 BTU|75,000 BTU|150,000 BTU"),
    ),
)

# fmt: on

L3_INDEX: dict[str, int] = {category.l3: index for index, category in enumerate(CATALOGUE)}
L2_NAMES: tuple[str, ...] = tuple(dict.fromkeys(category.l2 for category in CATALOGUE))

# Tools that last: a customer that has one rarely buys it again for the next project.
DURABLE_L2 = ("Power Tools", "Hand Tools")
NOT_DURABLE_L3 = ("Drill Bits", "Saw Blades", "Utility Knives")
DURABLE_L3 = (
    "Spray Equipment",
    "Frames & Poles",
    "Snow Tools",
    "Masonry Tools",
    "Outdoor Power Equipment",
    "Shovels & Rakes",
    "Hard Hats & Vests",
    "Fall Protection",
)

# Only projects sell these: never as a noise line (no de-icer in Phoenix, no pool shock in Buffalo).
CLIMATE_L3 = ("Ice Melt", "Snow Tools", "Pool Chemicals", "Pool Equipment")

# When a catalogue larger than brand x kind x option is asked for, the same articles come in further packs.
PACKS: tuple[tuple[str, float], ...] = (
    ("", 1.0),
    ("2-Pack", 1.9),
    ("Contractor Pack", 4.5),
    ("Pro Series", 1.25),
    ("Case of 6", 5.4),
)

# --------------------------------------------------------------------------------------------------------
# Trades: specialities and their kits. The number after a role is the chance, in percent, that a crew which
# does this project uses the role at all. The first role starts every project.
# --------------------------------------------------------------------------------------------------------


class Kit(NamedTuple):
    """The shopping list of one kind of project."""

    name: str
    share: float  # popularity among the customers of the speciality
    season: str  # key of SEASONS
    climate: str  # "any", "cold" or "hot": scales the share with the region's climate
    roles: tuple[tuple[str, float], ...]  # (L3 category, chance that a crew uses it)


class Speciality(NamedTuple):
    """What some customers of a trade concentrate on; hidden from the files."""

    name: str
    share: float
    kits: tuple[Kit, ...]


class Trade(NamedTuple):
    """One value of ``end_use``."""

    name: str
    share: float
    own_l2: tuple[str, ...]  # categories that the trade regards as its own
    specialities: tuple[Speciality, ...]
    name_words: tuple[str, ...]  # for business names
    fancy_names: tuple[str, ...]


def _kit(name: str, share: float, roles: str, season: str = "general", climate: str = "any") -> Kit:
    """Parse ``"Interior Paint 97, Paint Brushes 80"`` into a kit."""
    parsed = tuple((role[:-3], int(role[-2:]) / 100) for role in roles.split(", "))
    return Kit(name, share, season, climate, parsed)


# fmt: off
TRADES: tuple[Trade, ...] = (
    Trade(
        "Construction", 1.22,
        ("Power Tools", "Hand Tools", "Fasteners", "Building Materials", "Safety", "Painting Supplies"),
        (
            Speciality("framing and additions", 0.45, (
                _kit("wall framing", 1.0, "Dimensional Lumber 96, Framing Nails 74, Plywood & Sheathing 62, "
                     "Structural Connectors 50, Saw Blades 36, Circular Saws 30, Hammers 26, "
                     "Tape Measures 18"),
                _kit("deck building", 0.8, "Decking Boards 95, Wood Screws 76, Structural Connectors 58, "
                     "Bagged Concrete 46, Impact Drivers 34, Wood Stains 28, Levels 20, Work Gloves 16",
                     "summer"),
                _kit("demolition", 0.45, "Saw Blades 88, Reciprocating Saws 62, Work Gloves 56, "
                     "Respirators 44, "
                     "Safety Glasses 36, Hard Hats & Vests 25, Hammers 20"),
                _kit("winter site", 0.45, "Portable Heaters 85, Ice Melt 62, Snow Tools 44, Work Gloves 38, "
                     "Insulation 30", "winter", "cold"),
            )),
            Speciality("interior build-out", 0.55, (
                _kit("drywall", 1.0, "Drywall 96, Drywall Screws 80, Joint Compound 72, Sandpaper 42, "
                     "Insulation 36, Utility Knives 30, Sanders 20, Respirators 16"),
                _kit("trim carpentry", 0.75, "Trim & Moulding 94, Finish Nails 76, Caulks & Sealants 60, "
                     "Patching Compounds 44, Saw Blades 34, Sanders 26, Levels 20, Tape Measures 16"),
                _kit("tenant fit-out", 0.6, "Concrete Anchors 84, Rotary Hammers 50, Drywall Screws 56, "
                     "Cordless Drills 46, Drill Bits 40, Levels 30, Safety Glasses 24"),
            )),
        ),
        ("Construction", "Builders", "Contracting", "Building Co.", "General Contractors", "Custom Homes"),
        ("BuildRight", "Cornerstone", "Ironwood", "Keystone", "True Plumb", "Solid Ground", "Timberline",
         "Summit", "Foundry", "Square One", "Landmark", "Heritage"),
    ),
    Trade(
        "Painting", 1.08,
        ("Paints", "Painting Supplies", "Safety"),
        (
            Speciality("residential", 0.58, (
                _kit("interior repaint", 1.0, "Interior Paint 97, Roller Covers 78, Painters Tape 66, "
                     "Paint Brushes 60, Drop Cloths & Film 42, Caulks & Sealants 38, Patching Compounds 30, "
                     "Trays & Buckets 24"),
                _kit("trim and doors", 0.6, "Trim Enamel 93, Paint Brushes 72, Sandpaper 58, "
                     "Painters Tape 44, "
                     "Caulks & Sealants 34, Patching Compounds 26, Sanders 16"),
                _kit("exterior repaint", 0.75, "Exterior Paint 95, Primers 60, Caulks & Sealants 54, "
                     "Paint Brushes 46, Drop Cloths & Film 32, Frames & Poles 28, Sandpaper 20", "summer"),
                _kit("deck staining", 0.4, "Wood Stains 92, Roller Covers 54, Frames & Poles 48, "
                     "Sandpaper 40, "
                     "Work Gloves 26, Trays & Buckets 20", "summer"),
            )),
            Speciality("commercial", 0.42, (
                _kit("spray job", 1.0, "Primers 90, Spray Equipment 72, Drop Cloths & Film 64, "
                     "Interior Paint 58, "
                     "Respirators 48, Painters Tape 34, Safety Glasses 22"),
                _kit("floor coating", 0.7, "Epoxy Coatings 94, Roller Covers 62, Concrete Repair 50, "
                     "Respirators 44, "
                     "Frames & Poles 34, Trays & Buckets 26, Work Gloves 20"),
                _kit("steel and doors", 0.45, "Trim Enamel 88, Epoxy Coatings 50, Sandpaper 52, "
                     "Roller Covers 36, "
                     "Respirators 30, Safety Glasses 24"),
            )),
        ),
        ("Painting", "Painters", "Painting & Decorating", "Coatings", "Paint Works", "Pro Painters"),
        ("Fresh Coat", "ColorCraft", "True Hue", "Clean Line", "Brush & Roll", "Spectrum", "Five Star",
         "First Impression", "Bright Side", "Crown", "Prime Coat", "Café Blanc"),
    ),
    Trade(
        "Plumbing", 1.06,
        ("Plumbing", "Hand Tools", "Power Tools", "Safety"),
        (
            Speciality("service and repair", 0.55, (
                _kit("fixture swap", 1.0, "Faucets & Fixtures 93, Shutoff Valves 72, Pipe Sealants 64, "
                     "Drain Parts 50, Pliers & Wrenches 34, Push-Fit Fittings 28, Caulks & Sealants 58"),
                _kit("toilet repair", 0.8, "Toilets & Parts 95, Shutoff Valves 62, Caulks & Sealants 68, "
                     "Drain Parts 32, Pliers & Wrenches 26, Work Gloves 22"),
                _kit("water heater swap", 0.6, "Water Heaters & Parts 92, Copper Fittings 58, "
                     "Pipe Sealants 54, "
                     "Push-Fit Fittings 46, Shutoff Valves 34, Pliers & Wrenches 20"),
                _kit("frozen pipes", 0.45, "Push-Fit Fittings 90, Portable Heaters 58, Insulation 50, "
                     "PEX Pipe 44, Shutoff Valves 34", "winter", "cold"),
            )),
            Speciality("new construction", 0.45, (
                _kit("bathroom rough-in", 1.0, "PEX Pipe 95, PVC Fittings 76, Drain Parts 58, "
                     "Copper Fittings 46, "
                     "Pipe Sealants 42, Reciprocating Saws 44, Drill Bits 52, Tape Measures 16"),
                _kit("drain stack", 0.75, "PVC Fittings 94, Pipe Sealants 74, Drain Parts 54, Saw Blades 70, "
                     "Reciprocating Saws 26, Work Gloves 52, Levels 18"),
                _kit("finish set", 0.5, "Faucets & Fixtures 90, Toilets & Parts 66, Shutoff Valves 60, "
                     "Caulks & Sealants 40, Pliers & Wrenches 22"),
                _kit("pool plumbing", 0.5, "Pool Equipment 90, PVC Fittings 72, Pipe Sealants 56, "
                     "Pool Chemicals 40, Work Gloves 20", "summer", "hot"),
            )),
        ),
        ("Plumbing", "Plumbing & Drain", "Plumbers", "Rooter Service", "Pipe & Drain", "Mechanical"),
        ("Blue Ridge", "Clearwater", "FlowRight", "Rapid", "Copper State", "Straight Flush", "Reliable",
         "Tidewater", "Deep Well", "All Hours", "Blue Valve", "Main Line"),
    ),
    Trade(
        "Electrical", 1.04,
        ("Electrical", "Hand Tools", "Power Tools", "Safety"),
        (
            Speciality("residential", 0.56, (
                _kit("rewiring", 1.0, "Building Wire 95, Outlets & Switches 76, Wall Plates & Boxes 66, "
                     "Wire Connectors 54, Drill Bits 32, Screwdrivers 28, Utility Knives 18"),
                _kit("panel upgrade", 0.7, "Electrical Panels 92, Breakers 80, Building Wire 52, "
                     "Wire Connectors 38, Pliers & Wrenches 30, Screwdrivers 24, Work Gloves 16"),
                _kit("recessed lighting", 0.6, "Light Fixtures 94, Outlets & Switches 58, LED Lamps 46, "
                     "Wire Connectors 42, Reciprocating Saws 24, Cordless Drills 24, Safety Glasses 16"),
            )),
            Speciality("commercial", 0.44, (
                _kit("conduit run", 1.0, "Conduit & Fittings 96, Wall Plates & Boxes 66, "
                     "Concrete Anchors 82, "
                     "Building Wire 46, Rotary Hammers 30, Levels 24, Hard Hats & Vests 48"),
                _kit("lighting retrofit", 0.8, "LED Lamps 92, Light Fixtures 70, Wire Connectors 56, "
                     "Pliers & Wrenches 34, Screwdrivers 30, Safety Glasses 55, Impact Drivers 36"),
                _kit("service gear", 0.45, "Breakers 88, Electrical Panels 60, Conduit & Fittings 56, "
                     "Wire Connectors 36, Pliers & Wrenches 30, Hard Hats & Vests 56"),
            )),
        ),
        ("Electric", "Electrical", "Electrical Contractors", "Power & Light", "Electricians", "Wiring"),
        ("Bright Wire", "Live Circuit", "Voltage", "Current", "Lightning", "Sparks", "Grounded", "AmpUp",
         "Beacon", "North Star", "Copperhead", "Switchback"),
    ),
    Trade(
        "HVAC", 0.95,
        ("HVAC", "Electrical", "Hand Tools", "Power Tools", "Safety"),
        (
            Speciality("service", 0.55, (
                _kit("maintenance visit", 1.0, "Air Filters 95, AC Parts 58, Thermostats 48, "
                     "Duct Tapes & Sealants 34, Screwdrivers 30, Work Gloves 24"),
                _kit("furnace repair", 0.9, "Furnace Parts 93, Thermostats 62, Air Filters 52, "
                     "Duct Tapes & Sealants 36, Pliers & Wrenches 26, Safety Glasses 18", "heating", "cold"),
                _kit("air conditioner repair", 0.9, "AC Parts 93, Refrigerants & Line Sets 66, "
                     "Wire Connectors 34, Pliers & Wrenches 24", "summer", "hot"),
                _kit("thermostat upgrade", 0.45, "Thermostats 92, Wire Connectors 50, Building Wire 36, "
                     "Cordless Drills 30, Screwdrivers 26"),
            )),
            Speciality("installation", 0.45, (
                _kit("duct run", 1.0, "Ductwork 95, Duct Tapes & Sealants 78, Registers & Grilles 64, "
                     "Insulation 66, Impact Drivers 28, Saw Blades 44, Work Gloves 50"),
                _kit("split system", 0.85, "Refrigerants & Line Sets 92, AC Parts 60, "
                     "Conduit & Fittings 40, Thermostats 40, Concrete Anchors 48, Rotary Hammers 36"),
                _kit("commercial air", 0.45, "Registers & Grilles 88, Air Filters 62, Ductwork 56, "
                     "Hard Hats & Vests 26, Screwdrivers 20, Impact Drivers 18"),
            )),
        ),
        ("Heating & Air", "HVAC", "Heating & Cooling", "Climate Control", "Air Conditioning",
         "Comfort Systems"),
        ("Comfort Zone", "Four Seasons", "Polar", "Perfect Temp", "Evergreen", "AirFlow", "Arctic", "Sunbelt",
         "Breeze", "Degree One", "CoolBreeze", "Warm Hearth"),
    ),
    Trade(
        "Landscaping", 1.00,
        ("Lawn & Garden", "Seasonal & Outdoor", "Concrete & Masonry", "Safety"),
        (
            Speciality("maintenance", 0.55, (
                _kit("lawn care", 1.0, "Trimmer Line & Oil 94, Grass Seed & Fertilizer 70, Work Gloves 46, "
                     "Outdoor Power Equipment 40, Safety Glasses 36, Hearing & Knee Protection 26, "
                     "Shovels & Rakes 20", "summer"),
                _kit("bed refresh", 0.8, "Mulch & Soil 95, Landscape Fabric & Edging 58, Shovels & Rakes 46, "
                     "Work Gloves 42, Grass Seed & Fertilizer 28", "summer"),
                _kit("snow service", 1.0, "Ice Melt 95, Snow Tools 72, Work Gloves 48, Hard Hats & Vests 28, "
                     "Trimmer Line & Oil 20", "winter", "cold"),
                _kit("pool care", 0.8, "Pool Chemicals 94, Pool Equipment 64, Work Gloves 34, "
                     "Safety Glasses 26", "summer", "hot"),
            )),
            Speciality("design and build", 0.45, (
                _kit("irrigation system", 1.0, "Irrigation Parts 95, PVC Fittings 64, Pipe Sealants 54, "
                     "Shovels & Rakes 44, Wire Connectors 28, Grass Seed & Fertilizer 24"),
                _kit("planting and edging", 0.9, "Landscape Fabric & Edging 92, Mulch & Soil 80, "
                     "Shovels & Rakes 48, "
                     "Work Gloves 36, Hearing & Knee Protection 24"),
                _kit("hardscape", 0.7, "Bagged Concrete 90, Landscape Fabric & Edging 56, Masonry Tools 42, "
                     "Hammers 28, Levels 26, Work Gloves 24, Concrete Sealers 20"),
            )),
        ),
        ("Landscaping", "Lawn Care", "Landscape Design", "Lawn & Garden", "Grounds", "Outdoor Services"),
        ("Green Acres", "Evergreen", "Cutting Edge", "Four Leaf", "Terra Firma", "Wildflower", "Oak & Ivy",
         "Sunrise", "Prairie", "Root & Stone", "Fresh Cut", "Meadowbrook"),
    ),
    Trade(
        "Roofing", 0.92,
        ("Roofing", "Fasteners", "Safety", "Hand Tools", "Building Materials"),
        (
            Speciality("steep slope", 0.62, (
                _kit("shingle roof", 1.0, "Asphalt Shingles 96, Roofing Nails 78, Roof Underlayment 70, "
                     "Drip Edge & Flashing 60, Utility Knives 32, Hammers 24, Fall Protection 20"),
                _kit("roof repair", 0.7, "Roof Cements & Coatings 90, Drip Edge & Flashing 62, "
                     "Asphalt Shingles 54, "
                     "Roofing Nails 40, Caulks & Sealants 34, Utility Knives 22"),
                _kit("gutters", 0.6, "Gutters & Downspouts 94, Drip Edge & Flashing 52, "
                     "Caulks & Sealants 50, "
                     "Impact Drivers 28, Wood Screws 26, Work Gloves 22"),
                _kit("ice dams", 0.4, "Snow Tools 84, Ice Melt 66, Roof Underlayment 52, Fall Protection 36, "
                     "Work Gloves 28", "winter", "cold"),
            )),
            Speciality("low slope", 0.38, (
                _kit("membrane roof", 1.0, "Low-Slope Membranes 95, Roof Cements & Coatings 68, "
                     "Insulation 52, "
                     "Roof Underlayment 40, Fall Protection 36, Utility Knives 30, Structural Connectors 16"),
                _kit("roof coating", 0.8, "Roof Cements & Coatings 94, Roller Covers 60, Frames & Poles 44, "
                     "Work Gloves 36, Caulks & Sealants 30, Safety Glasses 22", "summer"),
                _kit("deck replacement", 0.5, "Plywood & Sheathing 90, Framing Nails 62, "
                     "Roof Underlayment 52, "
                     "Saw Blades 34, Circular Saws 22"),
            )),
        ),
        ("Roofing", "Roofing & Gutters", "Roofers", "Roof Systems", "Exteriors", "Roofing & Siding"),
        ("Peak", "Ridgeline", "Top Notch", "Storm Guard", "High Point", "Skyline", "Weather Tight", "Eagle",
         "Summit", "Shield", "Apex", "Iron Ridge"),
    ),
    Trade(
        "Flooring", 0.88,
        ("Flooring", "Building Materials", "Painting Supplies", "Hand Tools", "Safety", "Power Tools"),
        (
            Speciality("tile", 0.48, (
                _kit("bathroom tile", 1.0, "Ceramic & Porcelain Tile 96, Thinset & Grout 82, "
                     "Transitions & Spacers 64, "
                     "Floor Underlayment 52, Hearing & Knee Protection 32, Angle Grinders 40, "
                     "Caulks & Sealants 54"),
                _kit("backsplash", 0.6, "Ceramic & Porcelain Tile 90, Thinset & Grout 66, "
                     "Caulks & Sealants 48, "
                     "Transitions & Spacers 40, Saw Blades 30, Levels 20"),
                _kit("floor leveling", 0.5, "Concrete Repair 90, Floor Underlayment 56, Primers 40, "
                     "Thinset & Grout 38, "
                     "Respirators 26, Masonry Tools 20"),
            )),
            Speciality("plank and wood", 0.52, (
                _kit("vinyl plank", 1.0, "Vinyl Plank 95, Floor Underlayment 72, Transitions & Spacers 60, "
                     "Trim & Moulding 74, Utility Knives 36, Hearing & Knee Protection 28, Tape Measures 18"),
                _kit("hardwood", 0.75, "Hardwood Flooring 94, Floor Adhesives 60, Finish Nails 54, "
                     "Trim & Moulding 66, "
                     "Saw Blades 36, Hammers 20"),
                _kit("refinishing", 0.5, "Wood Stains 92, Sandpaper 76, Sanders 40, Respirators 38, "
                     "Roller Covers 30, Patching Compounds 22"),
            )),
        ),
        ("Flooring", "Floors", "Tile & Stone", "Floor Covering", "Hardwood Floors", "Tile"),
        ("Level Best", "Solid Step", "Grain & Grout", "Bedrock", "Terrazzo", "Plank Road", "Artisan",
         "Step Above", "Golden Oak", "Mosaic", "Smooth Finish", "Marble Arch"),
    ),
    Trade(
        "Concrete", 0.82,
        ("Concrete & Masonry", "Fasteners", "Safety", "Power Tools", "Hand Tools"),
        (
            Speciality("flatwork", 0.55, (
                _kit("slab and driveway", 1.0, "Bagged Concrete 95, Rebar & Mesh 76, "
                     "Forms & Joint Filler 66, "
                     "Masonry Tools 48, Dimensional Lumber 36, Work Gloves 30, Levels 22"),
                _kit("decorative finish", 0.7, "Concrete Sealers 93, Roller Covers 54, Concrete Repair 46, "
                     "Work Gloves 34, Respirators 28, Frames & Poles 22", "summer"),
                _kit("cold-weather pour", 0.5, "Portable Heaters 86, Bagged Concrete 62, Insulation 50, "
                     "Ice Melt 38, "
                     "Work Gloves 30", "winter", "cold"),
            )),
            Speciality("masonry and repair", 0.45, (
                _kit("block wall", 1.0, "Mortar & Stucco 95, Masonry Tools 70, Rebar & Mesh 58, Levels 40, "
                     "Work Gloves 36, Angle Grinders 26, Safety Glasses 20"),
                _kit("crack repair", 0.8, "Concrete Repair 94, Angle Grinders 50, Caulks & Sealants 46, "
                     "Masonry Tools 42, "
                     "Safety Glasses 34, Respirators 28"),
                _kit("anchoring", 0.55, "Concrete Anchors 92, Rotary Hammers 60, Drill Bits 58, "
                     "Hard Hats & Vests 30, "
                     "Hearing & Knee Protection 24"),
            )),
        ),
        ("Concrete", "Masonry", "Concrete & Paving", "Foundations", "Stone & Block", "Flatwork"),
        ("Rock Solid", "Bedrock", "Cornerstone", "Granite State", "Level Grade", "Stonebridge", "Ironclad",
         "Redstone", "Slab City", "Firm Footing", "Castle", "Gray Wolf"),
    ),
    Trade(
        "Property Maintenance", 1.03,
        ("HVAC", "Plumbing", "Paints", "Painting Supplies", "Electrical", "Lawn & Garden",
         "Seasonal & Outdoor",
         "Safety"),
        (
            Speciality("apartments", 0.56, (
                _kit("apartment turn", 1.0, "Interior Paint 94, Roller Covers 70, Caulks & Sealants 58, "
                     "Patching Compounds 50, Outlets & Switches 40, LED Lamps 36, Drop Cloths & Film 24"),
                _kit("unit repairs", 0.8, "Toilets & Parts 90, Faucets & Fixtures 54, Shutoff Valves 50, "
                     "LED Lamps 44, "
                     "Pipe Sealants 34, Screwdrivers 24"),
                _kit("filter round", 0.6, "Air Filters 95, LED Lamps 60, Thermostats 40, Work Gloves 34, "
                     "Screwdrivers 22"),
                _kit("winter walkways", 0.9, "Ice Melt 95, Snow Tools 68, Work Gloves 44, "
                     "Portable Heaters 30",
                     "winter", "cold"),
            )),
            Speciality("grounds and facilities", 0.44, (
                _kit("grounds", 1.0, "Mulch & Soil 92, Trimmer Line & Oil 66, Grass Seed & Fertilizer 56, "
                     "Work Gloves 46, Shovels & Rakes 34, Irrigation Parts 26", "summer"),
                _kit("community pool", 1.0, "Pool Chemicals 95, Pool Equipment 60, Work Gloves 36, "
                     "Safety Glasses 30", "summer", "hot"),
                _kit("parking lot upkeep", 0.6, "Epoxy Coatings 86, Concrete Repair 64, "
                     "Hard Hats & Vests 44, "
                     "Light Fixtures 40, Work Gloves 32"),
                _kit("snow clearing", 0.9, "Ice Melt 96, Snow Tools 74, Work Gloves 44, Hard Hats & Vests 30",
                     "winter", "cold"),
            )),
        ),
        ("Property Services", "Property Maintenance", "Facility Services", "Building Maintenance",
         "Property Management", "Facilities Group"),
        ("CityWide", "Harbor", "Premier", "Parkview", "Metro", "Lakeside", "Oakwood", "Gateway", "Riverside",
         "Fix-It-Fast", "Crestview", "Union Square"),
    ),
)

def _words(text: str) -> tuple[str, ...]:
    """Parse ``"a|b|c"``."""
    return tuple(text.split("|"))


SURNAMES = _words(
    "Adams|Allen|Alvarez|Anderson|Bailey|Baker|Barnes|Becker|Bennett|Bianchi|Boyd|Brooks|Brown|Bryant|Burke|"
    "Calloway|Campbell|Carter|Castillo|Chen|Clark|Coleman|Collins|Cooper|Cruz|D'Angelo|Davis|Delgado|Diaz|"
    "Donnelly|Doyle|Edwards|Ellis|Evans|Fischer|Fisher|Fitzgerald|Flores|Foster|Fowler|Garcia|Gibson|Gómez|"
    "Gonzalez|Graham|Grant|Griffin|Gutierrez|Hall|Hansen|Harris|Hayes|Henderson|Hernandez|Hoffman|Holloway|"
    "Hughes|Iverson|Jackson|Jensen|Jimenez|Johnson|Jordan|Kaminski|Kelly|Kim|King|Kowalski|Kramer|Larson|Lee|"
    "Lewis|Lopez|MacDonald|Marino|Marshall|Martinez|McCarthy|McKenna|Mendoza|Meyer|Miller|Mitchell|Moore|"
    "Morales|Morgan|Murphy|Nelson|Nguyen|Novak|Núñez|O'Brien|O'Connor|Olson|Ortiz|Park|Parker|Patel|Pérez|"
    "Peterson|Phillips|Porter|Powell|Quinn|Ramirez|Reed|Reyes|Rivera|Roberts|Rodriguez|Romano|Ross|Russo|"
    "Ryan|Sanchez|Santos|Schmidt|Schultz|Scott|Shaw|Silva|Singh|Smith|Stewart|Sullivan|Taylor|Thompson|"
    "Torres|Tran|Turner|Vargas|Vasquez|Vega|Wagner|Walker|Walsh|Ward|Watson|Weber|White|Williams|Wilson|"
    "Wright|Young|Zimmerman")
GIVEN_NAMES = _words(
    "Aaron|Alicia|Amy|Andre|Angela|Ben|Brenda|Carlos|Carmen|Chris|Dana|David|Denise|Diego|Elena|Emily|Eric|"
    "Frank|Grace|Hannah|Ivan|Jamal|James|Janet|Jason|Jeff|Jenna|Jorge|Karen|Keith|Kevin|Laura|Linda|Luis|"
    "Marcus|Maria|Megan|Mike|Monica|Nathan|Nicole|Oscar|Paula|Priya|Rachel|Ray|Renee|Robert|Rosa|Sam|Sandra|"
    "Scott|Sean|Sofia|Steve|Tanya|Teresa|Tim|Tony|Victor|Wendy|Zoë")
SUFFIXES = ("LLC", "Inc.", "Co.", "LLC", "", "Services", "Group", "Corp.")

# Account managers' remarks; about two ratings in five carry none.
COMMENTS: dict[str, tuple[str, ...]] = {
    "High": ("Goes with what they already order", "Asked about it last week", "Bid on a job that needs this",
             "Buys it elsewhere today, wants one supplier", "Good fit, quote sent",
             "Crew lead wants it on the next PO",
             "Said \"send me a case\" on the phone"),
    "Medium": ("Maybe for a bigger job", "Has some stock left", "Price sensitive, try in spring",
               "Would want a different size", "Open to a sample", "Depends on the spec"),
    "Low": ("Not their kind of work", "They sub this out", "No use for it", "Tried it once, went back",
            "Customer laughed, skip it", "Wrong brand for them"),
}

# fmt: on

# --------------------------------------------------------------------------------------------------------
# Dials
# --------------------------------------------------------------------------------------------------------

MIN_CUSTOMERS = 100
MIN_PRODUCTS = 300
KITS_PER_CUSTOMER = 3  # kinds of project a customer does at most
NEW_ACCOUNT_SHARE = 0.005  # customers that have not bought anything yet
RETURN_SHARE = 0.01  # invoice lines that are returns
FEEDBACK_PER_CUSTOMER = 0.6
NOISE_OWN_TRADE = 0.08  # lines for any other product of the trade
NOISE_FOREIGN = 0.05  # lines for anything in the catalogue
LINES_FLOOR = 3  # a customer with a basket has about this many lines at least
TRIP_STYLES = (0.88, 0.09, 0.03)  # projects bought on one, two, three shopping trips
ROLE_PER_PROJECT = 0.94  # chance that a role which the crew uses is bought for one given project
REBUY_DURABLE = 0.15  # the same for a tool that the customer bought for an earlier project
ESTABLISHED_SHARE = 0.65  # customers that were there before the first day
LAPSED_SHARE = 0.12  # customers that stopped buying before the end
# Chance of the 1st, 2nd, 3rd choice of the region and trade inside an L3 category; the rest is a Zipf tail.
STAPLE_SHARES = (0.73, 0.11, 0.05)
ONE_OFF_CHOICE = 0.08  # lines that deviate from the customer's habit
QUANTITY_FACTORS = (0.25, 0.5, 0.5, 0.75, 1.0, 1.0, 1.0, 1.5, 2.0, 3.0)
PRICE_ENDINGS = (0.99, 0.49, 0.97, 0.98, 0.79, 0.99, 0.29, 0.95)

COLD_REGIONS = tuple(region.name for region in REGIONS if region.cold >= 0.8)
HOT_REGIONS = tuple(region.name for region in REGIONS if region.hot >= 0.7)

Tables = dict[str, pd.DataFrame]


# --------------------------------------------------------------------------------------------------------
# Random numbers that stay the same
# --------------------------------------------------------------------------------------------------------


def _habit(salt: int, *keys: np.ndarray | int) -> np.ndarray:
    """Uniform [0, 1) numbers that depend only on the keys (broadcast): the same habit every time.

    Each key is mixed in with the finaliser of SplitMix64; unsigned 64-bit overflow is intended.
    """
    state = np.asarray(salt, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = state * np.uint64(0x9E3779B97F4A7C15) + np.asarray(key).astype(np.uint64)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _pick(weights: np.ndarray | list[float] | tuple[float, ...], uniform: np.ndarray) -> np.ndarray:
    """Index drawn with the given weights for every uniform number (inverse distribution function)."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    cumulative /= cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, uniform, side="right"), len(cumulative) - 1)


def _apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers proportional to ``weights`` that sum to exactly ``total`` (largest remainders)."""
    exact = weights / weights.sum() * total
    counts = np.floor(exact).astype(np.int64)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts


def _ids(prefix: str, count: int, width: int) -> np.ndarray:
    """``count`` identifiers from 1 as an object array: C00001, C00002 ..."""
    width = max(width, len(str(count)))
    return np.array([f"{prefix}{number:0{width}d}" for number in range(1, count + 1)], dtype=object)


# --------------------------------------------------------------------------------------------------------
# Products
# --------------------------------------------------------------------------------------------------------


class Shelf(NamedTuple):
    """The generated catalogue as arrays, one entry a product, grouped by L3 category."""

    frame: pd.DataFrame
    category: np.ndarray  # index into CATALOGUE
    brand: np.ndarray  # index into the category's brands
    first: np.ndarray  # per L3: position of its first product
    size: np.ndarray  # per L3: number of products


def _variants(category: Category, index: int, count: int, salt: int) -> list[tuple[str, float, int]]:
    """``count`` different (name, price in dollars, brand) of one L3 category, in catalogue order."""
    plain = category.capacity
    chosen: list[tuple[int, int]] = []  # (pack or model number, combination)
    generation = 0
    while len(chosen) < count:
        order = np.argsort(_habit(salt, index, generation, np.arange(plain)), kind="stable")
        chosen += [(generation, int(combo)) for combo in order[: count - len(chosen)]]
        generation += 1
    result = []
    for generation, combo in sorted(chosen, key=lambda item: (item[1], item[0])):
        brand, rest = divmod(combo, len(category.kinds) * len(category.options))
        kind, option = divmod(rest, len(category.options))
        name = f"{category.brands[brand]} {category.kinds[kind]}, {category.options[option]}"
        pack, factor = PACKS[generation % len(PACKS)]
        if pack:
            name += f", {pack}"
        if generation >= len(PACKS):
            name += f", Model {category.brands[brand][0]}{100 * (generation // len(PACKS)) + combo}"
        level = (
            0.50 * kind / max(1, len(category.kinds) - 1)
            + 0.28 * option / max(1, len(category.options) - 1)
            + 0.12 * brand / max(1, len(category.brands) - 1)
            + 0.10 * float(_habit(salt + 1, index, combo, generation))
        )
        price = category.low * (category.high / category.low) ** level * factor
        ending = PRICE_ENDINGS[int(_habit(salt + 2, index, combo, generation) * len(PRICE_ENDINGS))]
        price = max(np.floor(price), 0.0) + ending if price < 200 else np.floor(price / 10) * 10 + 9
        result.append((name, float(price), brand))
    return result


def _make_products(count: int, seed: int) -> Shelf:
    """The catalogue: ``count`` products over all L3 categories."""
    weights = np.array([min(max(category.capacity, 40), 90) for category in CATALOGUE], dtype=np.float64)
    size = 1 + _apportion(weights, count - len(CATALOGUE))
    names, prices, brands = [], [], []
    for index, category in enumerate(CATALOGUE):
        for name, price, brand in _variants(category, index, int(size[index]), seed + 11):
            names.append(name)
            prices.append(round(price, 2))
            brands.append(brand)
    code = np.repeat(np.arange(len(CATALOGUE)), size)
    frame = pd.DataFrame(
        {
            "product_id": _ids("P", count, 5),
            "product_name": names,
            "l2_category": np.array([c.l2 for c in CATALOGUE], dtype=object)[code],
            "l3_category": np.array([c.l3 for c in CATALOGUE], dtype=object)[code],
            "unit_price": np.array(prices, dtype=np.float64),
        }
    )
    return Shelf(frame, code, np.array(brands), np.cumsum(size) - size, size)


def _preferences(shelf: Shelf, seed: int) -> np.ndarray:
    """Products in order of preference, shape (regions, trades, products).

    Within each L3 category's slice, position 0 is the staple of that region and trade, and so on.
    """
    product = np.arange(len(shelf.category))
    national = _habit(seed + 21, product)
    ranks = np.empty((len(REGIONS), len(TRADES), len(product)), dtype=np.int32)
    for region in range(len(REGIONS)):
        brand = _habit(seed + 22, region, shelf.category, shelf.brand)
        for trade in range(len(TRADES)):
            appeal = brand + 0.7 * national + 0.25 * _habit(seed + 23, trade, product)
            ranks[region, trade] = np.lexsort((product, -appeal, shelf.category))
    return ranks


# --------------------------------------------------------------------------------------------------------
# Customers
# --------------------------------------------------------------------------------------------------------


class People(NamedTuple):
    """The generated customers as arrays, one entry a customer."""

    frame: pd.DataFrame
    region: np.ndarray
    trade: np.ndarray
    speciality: np.ndarray  # index within the trade


def _segments(count: int, rng: np.random.Generator) -> np.ndarray:
    """Segment number (region * trades + trade) of each customer, uneven but never tiny."""
    shares = np.array([[region.share * trade.share for trade in TRADES] for region in REGIONS]).ravel()
    shares *= 0.9 + 0.2 * rng.random(len(shares))
    segment = np.repeat(np.arange(len(shares)), _apportion(shares, count))
    return segment[np.argsort(rng.random(count), kind="stable")]


def _business_name(trade: Trade, city: str, draws: list[float]) -> str:
    """One believable business name from six uniform numbers."""
    style, first, second, word, suffix, given = draws
    surname = SURNAMES[int(first * len(SURNAMES))]
    other = SURNAMES[int(second * len(SURNAMES))]
    work = trade.name_words[int(word * len(trade.name_words))]
    form = SUFFIXES[int(suffix * len(SUFFIXES))]
    if style < 0.22:
        return f"{trade.fancy_names[int(second * len(trade.fancy_names))]} {work} {form}".rstrip()
    if style < 0.34:
        return f"{surname} & Sons {work}"
    if style < 0.42:
        return f"{surname} & {other} {work}" if other != surname else f"{surname} & Daughters {work}"
    if style < 0.52:
        return f"{surname} Bros. {work}"
    if style < 0.64:
        return f"{city} {work} {form}".rstrip()
    if style < 0.74:
        return f"{GIVEN_NAMES[int(given * len(GIVEN_NAMES))]} {surname} {work}"
    if style < 0.80:
        return f"{surname} {work}, {'Inc.' if form == 'Inc.' else 'LLC'}"
    return f"{surname} {work} {form}".rstrip()


def _unique_names(trade: np.ndarray, cities: list[str], rng: np.random.Generator) -> list[str]:
    """A different business name for every customer; the city, then a number tells namesakes apart."""
    draws = rng.random((len(trade), 6)).tolist()
    taken: dict[str, int] = {}
    names = []
    for row, trade_index in enumerate(trade.tolist()):
        name = _business_name(TRADES[trade_index], cities[row], draws[row])
        if name in taken and not name.startswith(cities[row]):
            name = f"{name} ({cities[row]})"
        seen = taken.get(name, 0)
        taken[name] = seen + 1
        if seen:
            name = f"{name} #{seen + 1}"
            taken[name] = 1
        names.append(name)
    return names


def _account_managers(region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The account manager of each customer: six or more per region, each about a hundred customers."""
    per_region = max(6, len(region) // (100 * len(REGIONS)))
    total = per_region * len(REGIONS)
    people = len(GIVEN_NAMES) * len(SURNAMES)
    names = []
    for number in range(total):
        code = (number * 7919 + 1234) % people  # 7919 is prime: no repeat before all are used
        names.append(f"{GIVEN_NAMES[code % len(GIVEN_NAMES)]} {SURNAMES[code // len(GIVEN_NAMES)]}")
    chosen = region * per_region + np.floor(rng.random(len(region)) * per_region).astype(np.int64)
    return np.array(names, dtype=object)[chosen]


def _make_customers(count: int, rng: np.random.Generator) -> People:
    """Customers with region, trade, hidden speciality, name, place and account manager."""
    segment = _segments(count, rng)
    region, trade = np.divmod(segment, len(TRADES))
    draw = rng.random(count)
    speciality = np.zeros(count, dtype=np.int64)
    for index, one in enumerate(TRADES):
        mine = trade == index
        speciality[mine] = _pick([s.share for s in one.specialities], draw[mine])
    place = rng.random(count)
    cities: list[str] = []
    states: list[str] = []
    for where, uniform in zip(region.tolist(), place.tolist(), strict=True):
        choices = REGIONS[where].cities
        city, state = choices[int(uniform * len(choices))]
        cities.append(city)
        states.append(state)
    frame = pd.DataFrame(
        {
            "customer_id": _ids("C", count, 5),
            "customer_name": _unique_names(trade, cities, rng),
            "region": np.array([r.name for r in REGIONS], dtype=object)[region],
            "end_use": np.array([t.name for t in TRADES], dtype=object)[trade],
            "city": cities,
            "state": states,
            "account_manager": _account_managers(region, rng),
        }
    )
    return People(frame, region, trade, speciality)


# --------------------------------------------------------------------------------------------------------
# Projects
# --------------------------------------------------------------------------------------------------------


class KitTable(NamedTuple):
    """All kits as arrays; a kit's number runs over trades, specialities, kits."""

    kits: tuple[Kit, ...]
    trade: np.ndarray
    speciality: np.ndarray
    season: np.ndarray  # index into SEASONS
    role: np.ndarray  # (kits, roles) L3 index, -1 = no role
    chance: np.ndarray  # (kits, roles)


def _kit_table() -> KitTable:
    """Flatten TRADES."""
    rows = [
        (kit, trade, speciality)
        for trade, one in enumerate(TRADES)
        for speciality, sub in enumerate(one.specialities)
        for kit in sub.kits
    ]
    width = max(len(kit.roles) for kit, _, _ in rows)
    role = np.full((len(rows), width), -1, dtype=np.int64)
    chance = np.zeros((len(rows), width))
    for index, (kit, _, _) in enumerate(rows):
        for position, (l3, probability) in enumerate(kit.roles):
            role[index, position] = L3_INDEX[l3]
            chance[index, position] = probability
    seasons = list(SEASONS)
    return KitTable(
        tuple(kit for kit, _, _ in rows),
        np.array([trade for _, trade, _ in rows]),
        np.array([speciality for _, _, speciality in rows]),
        np.array([seasons.index(kit.season) for kit, _, _ in rows]),
        role,
        chance,
    )


def _personal_kits(people: People, table: KitTable, rng: np.random.Generator) -> np.ndarray:
    """The up to three kinds of project each customer does, best first: shape (customers, 3), -1 = none.

    Mostly kits of the own speciality (weighted draw without replacement, climate included); a kit of the
    trade's other speciality gets in now and then.
    """
    count = len(people.trade)
    result = np.full((count, KITS_PER_CUSTOMER), -1, dtype=np.int64)
    climate = np.array([[1.0, region.cold, region.hot] for region in REGIONS])
    column = {"any": 0, "cold": 1, "hot": 2}
    for trade in range(len(TRADES)):
        mine = np.flatnonzero(people.trade == trade)
        kits = np.flatnonzero(table.trade == trade)
        share = np.array([table.kits[kit].share for kit in kits])
        column_of = np.array([column[table.kits[kit].climate] for kit in kits])
        weight = share * climate[people.region[mine]][:, column_of]
        weight *= np.where(people.speciality[mine][:, None] == table.speciality[kits][None, :], 1.0, 0.02)
        # Exponential race: the smallest waiting times are a weighted draw without replacement.
        with np.errstate(divide="ignore"):
            waiting = -np.log(1.0 - rng.random(weight.shape)) / weight
        best = np.argsort(waiting, axis=1, kind="stable")[:, :KITS_PER_CUSTOMER]
        result[mine] = kits[best]
    return result


class Lines(NamedTuple):
    """Invoice lines before dates: who, which kit, which L3, which visit; one entry a line."""

    customer: np.ndarray
    kit: np.ndarray
    l3: np.ndarray
    project: np.ndarray  # running number of the project
    visit: np.ndarray  # 0, 1, 2: which shopping trip of the project


def _line_counts(active: np.ndarray, tenure: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
    """How many lines each customer has: a floor, a heavy tail, the exact total. 0 for new accounts.

    ``tenure`` is the share of the three years in which the customer may buy.
    """
    buyers = int(active.sum())
    floor = min(LINES_FLOOR, total // buyers)
    tail = np.minimum((1.0 - rng.random(len(active))) ** (-1 / 2.4) - 1.0, 6.0) + 0.45
    tail *= 0.25 + 0.75 * tenure
    counts = np.zeros(len(active), dtype=np.int64)
    counts[active] = floor + _apportion(tail[active], total - floor * buyers)
    return counts


def _make_lines(
    people: People,
    personal: np.ndarray,
    table: KitTable,
    counts: np.ndarray,
    seed: int,
    rng: np.random.Generator,
) -> tuple[Lines, np.ndarray]:
    """Let every customer do projects until it has its number of lines.

    Returns the lines and, per customer and personal kit, whether the project was done at least once.
    """
    kit_count = 1 + (counts > 4).astype(np.int64) + (counts > 11)
    durable = np.array([c.l3 in DURABLE_L3 or (c.l2 in DURABLE_L2 and c.l3 not in NOT_DURABLE_L3) for c in CATALOGUE])
    done = np.zeros((len(counts), KITS_PER_CUSTOMER), dtype=bool)
    need = counts.copy()
    parts: list[Lines] = []
    projects = 0
    round_number = 0
    while True:
        who = np.flatnonzero(need > 0)
        if len(who) == 0:
            break
        # Round n does the n-th personal kit once; then the customer's favourites come again.
        favourite = np.minimum(_pick((0.5, 0.3, 0.2), rng.random(len(who))), kit_count[who] - 1)
        slot = np.where(round_number < kit_count[who], round_number, favourite)
        kit = personal[who, slot]
        role = table.role[kit]
        uses = _habit(seed + 31, who[:, None], role + 1) < table.chance[kit]
        per_project = np.where(durable[role] & done[who, slot][:, None], REBUY_DURABLE, ROLE_PER_PROJECT)
        bought = uses & (rng.random(role.shape) < per_project) & (role >= 0)
        bought[:, 0] |= ~bought.any(axis=1)
        position = np.cumsum(bought, axis=1)
        bought &= position <= need[who][:, None]
        need[who] -= bought.sum(axis=1)
        done[who, slot] = True
        row, column = np.nonzero(bought)
        # Most projects are bought at once; the others return for the later roles.
        style = _pick(TRIP_STYLES, rng.random(len(who)))[row]
        trip = np.where(style > 0, column >= 3, 0) + np.where(style > 1, column >= 5, 0)
        parts.append(Lines(who[row], kit[row], role[row, column], projects + row, trip))
        projects += len(who)
        round_number += 1
    lines = Lines(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    return lines, done


def _add_noise(lines: Lines, people: People, table: KitTable, rng: np.random.Generator) -> np.ndarray:
    """The L3 of every line after replacing some by other products of the trade or by anything at all."""
    l3 = lines.l3.copy()
    draw = rng.random(len(l3))
    which = rng.random(len(l3))
    banned = np.array([L3_INDEX[name] for name in CLIMATE_L3])
    anything = np.setdiff1d(np.arange(len(CATALOGUE)), banned)
    trade = people.trade[lines.customer]
    own = draw < NOISE_OWN_TRADE
    for index in range(len(TRADES)):
        pool = np.unique(table.role[table.trade == index])
        pool = np.setdiff1d(pool[pool >= 0], banned)
        mine = own & (trade == index)
        l3[mine] = pool[np.floor(which[mine] * len(pool)).astype(np.int64)]
    foreign = (draw >= NOISE_OWN_TRADE) & (draw < NOISE_OWN_TRADE + NOISE_FOREIGN)
    l3[foreign] = anything[np.floor(which[foreign] * len(anything)).astype(np.int64)]
    return l3


def _rank_in_shelf(size: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Preference rank (0 = staple) in an L3 category of ``size`` products: staples, then a Zipf tail."""
    head = len(STAPLE_SHARES)
    cumulative = np.cumsum(STAPLE_SHARES)
    rank = np.searchsorted(cumulative, uniform, side="right")
    tail = rank >= head
    harmonic = np.cumsum(1.0 / np.arange(1, int(size.max()) + 1))
    length = np.maximum(size[tail] - head, 1)
    rest = (uniform[tail] - cumulative[-1]) / (1.0 - cumulative[-1])
    rank[tail] = head + np.searchsorted(harmonic, rest * harmonic[length - 1], side="left")
    return np.minimum(rank, size - 1)


def _choose_products(
    customer: np.ndarray,
    l3: np.ndarray,
    noise: np.ndarray,
    people: People,
    shelf: Shelf,
    preference: np.ndarray,
    seed: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The product of every line: the customer's habit in that L3 category, sometimes something else.

    ``noise`` marks lines outside projects: these reach further into the long tail.
    """
    uniform = _habit(seed + 41, customer, l3)
    one_off = rng.random(len(l3)) < ONE_OFF_CHOICE
    uniform[one_off] = rng.random(int(one_off.sum()))
    uniform[noise] = 0.4 + 0.6 * rng.random(int(noise.sum()))
    rank = _rank_in_shelf(shelf.size[l3], uniform)
    return preference[people.region[customer], people.trade[customer], shelf.first[l3] + rank].astype(np.int64)


# --------------------------------------------------------------------------------------------------------
# Dates, quantities, returns
# --------------------------------------------------------------------------------------------------------


def _season_curves() -> np.ndarray:
    """Cumulative demand over the days, shape (seasons, DAYS + 1), each row from 0 to 1."""
    days = FIRST_DAY + np.arange(DAYS)
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (np.arange(DAYS) + SUNDAY_OFFSET) % 7
    curves = np.zeros((len(SEASONS), DAYS + 1))
    for index, months in enumerate(SEASONS.values()):
        demand = (np.array(months)[month] + 0.002) * np.array(WEEKDAYS)[weekday]
        curves[index, 1:] = np.cumsum(demand)
        curves[index] /= curves[index, -1]
    return curves


def _active_days(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First and last day (numbers from 0) on which each customer may buy."""
    arrival = np.maximum(rng.random(count) - ESTABLISHED_SHARE, 0.0) / (1.0 - ESTABLISHED_SHARE)
    start = np.floor(arrival * (DAYS - 120)).astype(np.int64)
    lapsed = rng.random(count) < LAPSED_SHARE
    leaving = start + 90 + np.floor(rng.random(count) * (DAYS - 90 - start)).astype(np.int64)
    return start, np.where(lapsed, np.minimum(leaving, DAYS - 1), DAYS - 1)


def _make_days(
    lines: Lines, table: KitTable, start: np.ndarray, end: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The day number of every line: a project day by season, later trips one to four weeks after it.

    ``start`` and ``end`` are each customer's first and last day.
    """
    projects = int(lines.project.max()) + 1
    first_line = np.full(projects, -1, dtype=np.int64)
    first_line[lines.project[::-1]] = np.arange(len(lines.project))[::-1]
    first_line = first_line[first_line >= 0]
    customer, season = lines.customer[first_line], table.season[lines.kit[first_line]]
    curves = _season_curves()
    low, high = curves[season, start[customer]], curves[season, end[customer] + 1]
    target = low + (high - low) * rng.random(len(first_line))
    # One search over all curves at once: curve s occupies the numbers s .. s + 1.
    stacked = (curves[:, 1:] + np.arange(len(curves))[:, None]).ravel()
    project_day = np.searchsorted(stacked, target + season, side="right") - season * DAYS
    project_day = np.clip(project_day, start[customer], end[customer])
    # A crew with two jobs within six weeks shops for both at once.
    order = np.argsort(customer * DAYS + project_day, kind="stable")
    before, after = order[:-1], order[1:]
    joined = (customer[after] == customer[before]) & (project_day[after] - project_day[before] <= 42)
    project_day[after] = np.where(joined, project_day[before], project_day[after])
    day_of = np.zeros(projects, dtype=np.int64)
    day_of[lines.project[first_line]] = project_day
    gap = 6 + np.floor(rng.random((projects, 2)) * 22).astype(np.int64)
    later = np.where(lines.visit > 0, gap[lines.project, 0], 0) + np.where(lines.visit > 1, gap[lines.project, 1], 0)
    day = day_of[lines.project] + later
    day += (day + SUNDAY_OFFSET) % 7 == 6  # closed on Sundays: the next morning
    return np.where(day < DAYS, day, day_of[lines.project])


def _separate_repeats(
    customer: np.ndarray, product: np.ndarray, day: np.ndarray, products: int, rng: np.random.Generator
) -> np.ndarray:
    """Move lines to another day until no invoice (customer and day) lists a product twice."""
    day = day.copy()
    pair = customer * products + product
    suspects = np.arange(len(day))
    for _ in range(100):
        key = pair[suspects] * DAYS + day[suspects]
        order = suspects[np.argsort(key, kind="stable")]
        same = (pair[order[1:]] == pair[order[:-1]]) & (day[order[1:]] == day[order[:-1]])
        repeated = order[1:][same]
        if len(repeated) == 0:
            break
        step = 1 + np.floor(rng.random(len(repeated)) * 26).astype(np.int64)
        step += (day[repeated] + step + SUNDAY_OFFSET) % 7 == 6
        moved = day[repeated] + step
        day[repeated] = np.where(moved < DAYS, moved, day[repeated] - step)
        if len(suspects) == len(day):  # only lines of these customers and products can clash again
            suspects = np.flatnonzero(np.isin(pair, np.unique(pair[repeated])))
    return day


def _make_quantities(customer: np.ndarray, l3: np.ndarray, size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Quantity of every line: usual units of the category x size of the customer x chance, at least 1."""
    units = np.array([category.units for category in CATALOGUE])[l3]
    factor = np.array(QUANTITY_FACTORS)[np.floor(rng.random(len(l3)) * len(QUANTITY_FACTORS)).astype(np.int64)]
    scale = np.where(units > 1, size[customer], 1.0)
    rare_second = np.where(units == 1, rng.random(len(l3)) < 0.08, False)
    quantity = np.floor(units * np.where(units > 1, factor, 1.0) * scale + 0.5) + rare_second
    return np.maximum(quantity, 1).astype(np.int64)


def _make_invoices(
    people: People,
    shelf: Shelf,
    preference: np.ndarray,
    table: KitTable,
    lines: Lines,
    returns: int,
    span: tuple[np.ndarray, np.ndarray],
    seed: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The invoice table, and (customer, product) index of every line in it.

    ``span`` is each customer's first and last day, ``returns`` the number of lines to add as returns.
    """
    l3 = _add_noise(lines, people, table, rng)
    customer = lines.customer
    product = _choose_products(customer, l3, l3 != lines.l3, people, shelf, preference, seed, rng)
    day = _make_days(lines, table, *span, rng)
    weight = np.array([0.6, 0.8, 1.0, 1.0, 1.3, 2.0])
    size = weight[np.floor(_habit(seed + 51, np.arange(len(people.trade))) * len(weight)).astype(np.int64)]
    quantity = _make_quantities(customer, l3, size, rng)

    eligible = np.flatnonzero(day < DAYS - 40)
    back = eligible[np.argsort(rng.random(len(eligible)), kind="stable")[:returns]]
    back_day = day[back] + 3 + np.floor(rng.random(len(back)) * 30).astype(np.int64)
    everything = rng.random(len(back)) < 0.4
    part = 1 + np.floor(rng.random(len(back)) * quantity[back] * 0.5).astype(np.int64)
    back_quantity = -np.where(everything, quantity[back], np.minimum(part, quantity[back]))

    customer = np.concatenate([customer, customer[back]])
    product = np.concatenate([product, product[back]])
    day = np.concatenate([day, back_day])
    quantity = np.concatenate([quantity, back_quantity])
    day[day == day.max()] = DAYS - 1  # the data end on their last day
    day = _separate_repeats(customer, product, day, len(shelf.category), rng)

    # An invoice is a customer on a day; within a day, invoices come in a random-looking order.
    shuffled = np.argsort(rng.random(len(people.trade)), kind="stable")[customer]
    order = np.argsort((day * len(people.trade) + shuffled) * len(shelf.category) + product, kind="stable")
    customer, product, day, quantity = customer[order], product[order], day[order], quantity[order]
    fresh = np.ones(len(day), dtype=bool)
    fresh[1:] = (day[1:] != day[:-1]) | (customer[1:] != customer[:-1])
    number = np.cumsum(fresh) - 1
    calendar = (FIRST_DAY + np.arange(DAYS)).astype("datetime64[s]")
    frame = pd.DataFrame(
        {
            "invoice_id": _ids("INV", int(number[-1]) + 1, 6)[number],
            "customer_id": people.frame["customer_id"].to_numpy(dtype=object)[customer],
            "product_id": shelf.frame["product_id"].to_numpy(dtype=object)[product],
            "quantity": quantity.astype(np.int32),
            "invoice_date": calendar[day],
        }
    )
    return frame, customer, product


# --------------------------------------------------------------------------------------------------------
# Feedback
# --------------------------------------------------------------------------------------------------------


def _make_feedback(
    people: People,
    shelf: Shelf,
    preference: np.ndarray,
    table: KitTable,
    personal: np.ndarray,
    done: np.ndarray,
    bought: tuple[np.ndarray, np.ndarray],
    seed: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Ratings from what the customer's projects need, mostly of products that it does not own yet."""
    count = round(FEEDBACK_PER_CUSTOMER * len(people.trade))
    buyers = np.flatnonzero(done[:, 0])
    draws = 2 * count + 100
    who = buyers[np.floor(rng.random(draws) * len(buyers)).astype(np.int64)]
    need = _pick((0.60, 0.27, 0.13), rng.random(draws))  # 0 companion, 1 own trade, 2 foreign
    where = rng.random(draws)
    l3 = np.floor(where * len(CATALOGUE)).astype(np.int64)
    # Companions come from a kit of the customer, other products of the trade from any of the trade's kits.
    slot = np.floor(rng.random(draws) * done[who].sum(axis=1)).astype(np.int64)
    kit = personal[who, slot]
    any_kit = rng.random(draws)
    for index in range(len(TRADES)):
        kits = np.flatnonzero(table.trade == index)
        mine = (need == 1) & (people.trade[who] == index)
        kit[mine] = kits[np.floor(any_kit[mine] * len(kits)).astype(np.int64)]
    share = np.cumsum(table.chance[kit], axis=1)
    position = (share < (where * share[:, -1])[:, None]).sum(axis=1)
    l3 = np.where(need < 2, table.role[kit, position], l3)
    # A foreign product must not happen to belong to the trade.
    in_trade = np.zeros((len(TRADES), len(CATALOGUE)), dtype=bool)
    for index in range(len(TRADES)):
        pool = np.unique(table.role[table.trade == index])
        in_trade[index, pool[pool >= 0]] = True
    sensible = (need != 2) | ~in_trade[people.trade[who], l3]

    rank = np.minimum(_pick((0.90, 0.07, 0.03), rng.random(draws)), shelf.size[l3] - 1)
    product = preference[people.region[who], people.trade[who], shelf.first[l3] + rank].astype(np.int64)
    key = who * len(shelf.category) + product
    owned = np.isin(key, np.unique(bought[0] * len(shelf.category) + bought[1]))
    keep = sensible & (~owned | (rng.random(draws) < 0.05))
    first = np.zeros(draws, dtype=bool)
    first[np.unique(key, return_index=True)[1]] = True
    chosen = np.flatnonzero(keep & first)[:count]

    chances = np.cumsum([[0.72, 0.20, 0.08], [0.18, 0.64, 0.18], [0.04, 0.20, 0.76]], axis=1)
    rating = (rng.random(len(chosen))[:, None] >= chances[need[chosen]][:, :2]).sum(axis=1)
    day = np.floor(rng.random(len(chosen)) * 365).astype(np.int64)

    # Some are rated a second time, later, and not always the same.
    again = np.flatnonzero((rng.random(len(chosen)) < 0.02) & (day < 330))
    second = np.clip(rating[again] + _pick((0.3, 0.4, 0.3), rng.random(len(again))) - 1, 0, 2)
    second_day = day[again] + 7 + np.floor(rng.random(len(again)) * 27).astype(np.int64)
    chosen = np.concatenate([chosen, chosen[again]])
    rating = np.concatenate([rating, second])
    day = np.concatenate([day, second_day])
    order = np.lexsort((product[chosen], who[chosen], day))
    chosen, rating, day = chosen[order], rating[order], day[order]

    words = list(COMMENTS)
    talk, silent = rng.random(len(chosen)), rng.random(len(chosen)) < 0.4
    comments = [
        "" if quiet else COMMENTS[words[grade]][int(uniform * len(COMMENTS[words[grade]]))]
        for grade, uniform, quiet in zip(rating.tolist(), talk.tolist(), silent.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "customer_id": people.frame["customer_id"].to_numpy(dtype=object)[who[chosen]],
            "product_id": shelf.frame["product_id"].to_numpy(dtype=object)[product[chosen]],
            "rating": np.array(words, dtype=object)[rating],
            "rated_by": people.frame["account_manager"].to_numpy(dtype=object)[who[chosen]],
            "rated_at": (np.datetime64("2025-01-01") + day).astype("datetime64[s]"),
            "comment": np.array(comments, dtype=object),
        }
    )


# --------------------------------------------------------------------------------------------------------
# Public functions
# --------------------------------------------------------------------------------------------------------


def generate(customers: int = 5_000, products: int = 5_463, invoices: int = 50_000, seed: int = DEFAULT_SEED) -> Tables:
    """All four tables as data frames; ``invoices`` is the exact number of invoice lines.

    Raises ValueError, with a message for people, when a size is too small to make sense.
    """
    if customers < MIN_CUSTOMERS:
        raise ValueError(
            f"customers must be at least {MIN_CUSTOMERS}, so that segments are populated (got {customers})"
        )
    if products < MIN_PRODUCTS:
        raise ValueError(
            f"products must be at least {MIN_PRODUCTS}, so that every one of the "
            f"{len(CATALOGUE)} L3 categories has some (got {products})"
        )
    if invoices < customers:
        raise ValueError(
            f"invoices must be at least the number of customers, so that each can have a line "
            f"(got {invoices} for {customers} customers)"
        )
    if seed < 0:
        raise ValueError(f"seed must not be negative (got {seed})")
    rng = np.random.Generator(np.random.PCG64(seed))
    shelf = _make_products(products, seed)
    preference = _preferences(shelf, seed)
    people = _make_customers(customers, rng)
    table = _kit_table()
    personal = _personal_kits(people, table, rng)
    active = np.ones(customers, dtype=bool)
    active[np.argsort(rng.random(customers), kind="stable")[: int(customers * NEW_ACCOUNT_SHARE)]] = False
    returns = int(invoices * RETURN_SHARE)
    span = _active_days(customers, rng)
    counts = _line_counts(active, (span[1] - span[0] + 1) / DAYS, invoices - returns, rng)
    lines, done = _make_lines(people, personal, table, counts, seed, rng)
    frame, customer, product = _make_invoices(people, shelf, preference, table, lines, returns, span, seed, rng)
    feedback = _make_feedback(people, shelf, preference, table, personal, done, (customer, product), seed, rng)
    return {"customers": people.frame, "products": shelf.frame, "invoices": frame, "feedback": feedback}


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """One CSV file: UTF-8, a header, ``\\n`` line ends, quotes only where needed, ISO dates, cents."""
    text = frame.copy(deep=False)
    for column in text.columns:
        if text[column].dtype.kind == "M":
            days = text[column].to_numpy().astype("datetime64[D]")
            values, inverse = np.unique(days, return_inverse=True)
            text[column] = values.astype(str).astype(object)[inverse]
        elif text[column].dtype.kind == "f":
            text[column] = np.array([f"{value:.2f}" for value in text[column].tolist()], dtype=object)
    text.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """One Parquet file with dates as DATE and whole numbers as INTEGER."""
    import duckdb

    columns = ", ".join(
        f'CAST("{name}" AS DATE) AS "{name}"' if dtype.kind == "M" else f'"{name}"'
        for name, dtype in frame.dtypes.items()
    )
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"COPY (SELECT {columns} FROM frame) TO '{target}' (FORMAT parquet)")


def write(tables: Tables, out: str | Path, format: str = "csv") -> list[Path]:
    """Write every table to ``out``/<name>.<format>, creating the folder; returns the paths."""
    if format not in ("csv", "parquet"):
        raise ValueError(f"format must be csv or parquet (got {format!r})")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    writer = _write_csv if format == "csv" else _write_parquet
    paths = []
    for name, frame in tables.items():
        path = folder / f"{name}.{format}"
        writer(frame, path)
        paths.append(path)
    return paths


def _positive(text: str) -> int:
    """argparse type: a whole number above zero; 1_000 and 1000 are both fine."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {value}")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Command line entry point; returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Generate demo customers, products, invoices and feedback of a building supplier.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--customers", type=_positive, default=5_000, help="number of customers")
    parser.add_argument("--products", type=_positive, default=5_463, help="number of products")
    parser.add_argument("--invoices", type=_positive, default=50_000, help="exact number of invoice lines")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "demo", help="folder to write to")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="file format")
    parser.add_argument("--seed", type=_positive, default=DEFAULT_SEED, help="another seed, another world")
    options = parser.parse_args(arguments)
    try:
        tables = generate(options.customers, options.products, options.invoices, options.seed)
        paths = write(tables, options.out, options.format)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    for path, (name, frame) in zip(paths, tables.items(), strict=True):
        print(f"{name:<10} {len(frame):>11,} rows  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
