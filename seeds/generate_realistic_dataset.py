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
         "2x4 SPF Stud|2x6 SPF Board|2x8 Fir Joist|2x10 Fir Joist|4x4 Treated Post", "8 ft|10 ft|12 ft|16 ft"),
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
         "P-Trap|Tailpiece Kit|Tub Drain Kit|Shower Drain", "1-1/4\" White|1-1/2\" White|1-1/2\" Chrome|2\" ABS"),
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
         "A19 LED Bulb|BR30 LED Bulb|T8 LED Tube|PAR38 LED Flood", "Soft White|Bright White|Daylight|Daylight 4-Pack"),
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
         "Foil Tape|UL181 Butt Tape|Butyl Foil Tape|Water-Based Mastic", "2\" x 50 yd|2-1/2\" x 60 yd|3\" x 60 yd|1 gal"),
        ("Condensate Pumps", 39, 199, 1, "Little Giant|Diversitech|Beckett|Hartell",
         "Mini Condensate Pump|Condensate Pump|Low-Profile Pump|High-Lift Pump",
         "115V 15 ft Lift|115V 20 ft Lift|230V 20 ft Lift|230V with Safety Switch"),
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
         "Topsoil|Hardwood Mulch|Colored Mulch|Raised Bed Soil", "1 cu ft|1.5 cu ft|2 cu ft Brown|2 cu ft Black"),
        ("Grass Seed & Fertilizer", 12, 119, 6, "Pennington|Scotts|Jonathan Green|The Andersons|Milorganite",
         "Starter Fertilizer|Lawn Fertilizer|Sun & Shade Seed|Tall Fescue Seed", "5,000 sq ft|7 lb|20 lb|50 lb"),
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
        ("Asphalt Shingles", 29, 69, 40, "GAF Timberline|Owens Corning Duration|CertainTeed Landmark|IKO|Tamko",
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
        ("Roof Vents", 9.5, 119, 5, "Air Vent|GAF Cobra|Lomanco|Owens Corning|Master Flow",
         "Soffit Vent|Slant-Back Vent|Ridge Vent|Wind Turbine", "Brown|Black|Weathered Wood|Mill"),
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
         "Rebar Tie Wire|Rebar Chair|Grade 60 Rebar|Welded Wire Mesh", "3/8\" 10 ft|1/2\" 10 ft|1/2\" 20 ft|5/8\" 20 ft"),
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
         "Skimmer Net|Filter Cartridge|Automatic Cleaner|Pool Pump", "Compact|Standard|1 HP|1.5 HP Variable Speed"),
        ("Portable Heaters", 29, 399, 2, "Comfort Zone|Lasko|Mr. Heater|DeWalt|Dyna-Glo",
         "Ceramic Heater|Radiant Propane Heater|Forced Air Heater|Kerosene Heater",
         "1,500 W|15,000 BTU|75,000 BTU|150,000 BTU"),
        ("Fans & Coolers", 24, 399, 2, "Lasko|Hampton Bay|Big Ass Fans|Portacool|Commercial Electric",
         "Pedestal Fan|Drum Fan|Wall-Mount Fan|Evaporative Cooler", "18\"|24\"|30\"|42\""),
    ),
)

L3_INDEX: dict[str, int] = {category.l3: index for index, category in enumerate(CATALOGUE)}
L2_NAMES: tuple[str, ...] = tuple(dict.fromkeys(category.l2 for category in CATALOGUE))

# Tools that last: a customer that has one rarely buys it again for the next project.
DURABLE_L2 = ("Power Tools", "Hand Tools")
NOT_DURABLE_L3 = ("Drill Bits", "Saw Blades", "Utility Knives")
DURABLE_L3 = ("Spray Equipment", "Frames & Poles", "Snow Tools", "Masonry Tools", "Outdoor Power Equipment",
              "Shovels & Rakes", "Hard Hats & Vests", "Fall Protection")

# Only projects sell these: never as a noise line (no de-icer in Phoenix, no pool shock in Buffalo).
CLIMATE_L3 = ("Ice Melt", "Snow Tools", "Pool Chemicals", "Pool Equipment")

# When a catalogue larger than brand x kind x option is asked for, the same articles come in further packs.
PACKS: tuple[tuple[str, float], ...] = (
    ("", 1.0), ("2-Pack", 1.9), ("Contractor Pack", 4.5), ("Pro Series", 1.25), ("Case of 6", 5.4),
)
