"""Words for names, titles and notes."""

from collections.abc import Mapping
from types import MappingProxyType

FIRST_NAMES = (
    "Aaliyah Adrián Aleksandra Amara Anna Antoine Beatriz Björn Brandon Camila Carl Chidi Claire"
    " Connor Dana Darius Dmitri Elena Emil Esra Fatima Felix Gabriel Giulia Grace Hana Hannah"
    " Hassan Ingrid Isaac Ivy Jamal Jan Jasmine Javier Jens Jia Jonas José Julia Kai Karim Katrin"
    " Kwame Lars Laura Leila Liam Linh Lucas Łukasz Maja Marcus María Marta Mehmet Miguel Mila Mina"
    " Nadia Naomi Nils Noah Nora Olga Omar Owen Paula Pedro Petra Priya Quinn Rafael Rahel Rashid"
    " Rosa Ruth Samir Sana Sara Sven Tariq Teresa Thomas Tobias Uta Valeria Victor Wanda Wei"
    " Yasmin Yusuf Zoë"
).split()
LAST_NAMES = (
    "Abe Adeyemi Ahlgren Álvarez Baker Bauer Becker Brandt Brooks Carter Castillo Chen Cohen Cruz"
    " Diaz Dietrich Dubois Edwards Eriksen Evans Fischer Flores Ford Fuchs García Goldberg Green"
    " Hahn Hansen Hernández Hoffmann Huang Huber Ibrahim Jackson Jansen Johnson Jung Kaiser Kaya"
    " Keller Kim Klein Kowalski Krüger Lang Lee Lehmann Lindqvist López Maier Martínez Meyer Miller"
    " Mohammed Möller Moreno Müller Nguyen Novak O'Brien Okafor Olsen Ortiz Park Patel Pérez"
    " Petersen Quintero Reed Reyes Richter Rivera Roth Russo Saito Santos Schäfer Schmidt Schulz"
    " Silva Singh Sørensen Stewart Suzuki Tanaka Taylor Torres Vogel Wagner Walker Weber Williams"
    " Wójcik Wolf Wong Young Zhang Zimmermann"
).split()
TEAMS = (
    ("Mechanical", "Gearboxes, conveyors, hydraulics"),
    ("Electrical & Controls", "Drives, PLCs, sensors"),
    ("Utilities", "Compressed air, steam, chillers, water"),
    ("Night shift", "Whatever breaks after 22:00"),
    ("Stores", "Parts, kitting and receiving"),
    ("Mechanik", "Förderer, Getriebe, Hydraulik"),
    ("Elektrik", "Antriebe, SPS, Sensorik"),
    ("Gebäudetechnik", "Druckluft, Kälte, Brandschutz"),
)
AREAS = (
    "Stamping",
    "Machining",
    "Assembly",
    "Paint shop",
    "Packaging",
    "Warehouse",
    "Utilities",
    "Quality lab",
    "Heat treatment",
)
SYSTEMS = (
    "Press line",
    "Conveyor system",
    "Bottling line",
    "Robot cell",
    "Paint booth",
    "CNC island",
    "Compressed-air plant",
    "Chilled-water plant",
    "Palletizer",
)
MACHINES = (
    "Hydraulic press",
    "Belt conveyor",
    "Roller conveyor",
    "6-axis robot",
    "CNC mill",
    "Lathe",
    "Screw compressor",
    "Chiller",
    "Filler",
    "Capper",
    "Labeler",
    "Case packer",
    "Stretch wrapper",
    "Air handler",
    "Cooling tower",
    "Boiler",
    "Forklift",
    "Oven",
    "Crane",
    "Mixer",
)
COMPONENTS = (
    "Drive motor",
    "Gearbox",
    "Hydraulic pump",
    "Servo drive",
    "Light curtain",
    "Vacuum pump",
    "Control cabinet",
    "Spindle",
    "Heat exchanger",
    "Bearing unit",
    "Encoder",
    "PLC rack",
)
MAKERS = (
    ("Harrow & Lyle", ("HL-200", "HL-450", "HL-900 S")),
    ("Kestrel Drives", ("KD7", "KD11", "KD11-X")),
    ("Aurum Hydraulik", ("AH 32", "AH 63", "AH 100")),
    ("Tamarind Robotics", ("TR-6/12", "TR-6/20")),
    ("Boreal Air", ("BA 55", "BA 110", "BA 250 VSD")),
    ("Señal Controls", ("SC-1", "SC-4 «Pro»")),
    ("Ostrava Strojírny", ("OS 12", "OS 18")),
    ("Minato Seiki", ("MS-V40", "MS-H63")),
    ("Pell City Conveyor", ("PC-B", "PC-R")),
    ("Nordlicht Kälte", ("NK 90", "NK 180")),
)
SYMPTOMS = (
    "Oil leak",
    "Bearing noise",
    "Overheating",
    "Trips on start",
    "Belt slipping",
    "Sensor fault",
    "Low pressure",
    "Misaligned",
    "E-stop will not reset",
    "Vibration high",
    "Guard damaged",
    "Air leak",
    "Drive fault F07",
    "Jammed",
    'Display says "ERR 14"',
    "Won't home",
    "Wasserverlust",
    "Ölstand niedrig",
    "Fuse blown \u26a1",
    "Broken weld",
)
TASKS = (
    "Inspection",
    "Lubrication",
    "Filter change",
    "Belt tension check",
    "Calibration",
    "Thermography",
    "Oil sample",
    "Safety check",
    "Vibration reading",
    "Cleaning",
    "Battery test",
    "Backup of PLC program",
)
CHORES = (
    "Paint floor markings",
    "Move workbench",
    "Install guard",
    "Support kaizen event",
    "5S audit findings",
    "Prepare customer visit",
    "Replace light tubes",
    "Label the valves",
    "Snow removal \u2744\ufe0f",
    "Projekt: neue Absaugung",
)
NOTES = (
    "Reported by the operator at shift change.",
    "Seen on the walk-round; runs, but not for long.",
    "Happened twice this week.\nCheck the coupling as well.",
    'Operator says: "same as last time".',
    "Tritt nur bei kalter Maschine auf – bitte Temperatur prüfen.",
    "Lockout/tagout needed. <b>Two people.</b>",
    "Parts are on shelf C-14; return what is left.",
    "See photo.\tCounter stood at 41,220 h.",
    "緊急: ライン停止",
    "يحتاج إلى فحص عاجل",
)
CATEGORIES = (
    ("Mechanical", "Moving parts"),
    ("Electrical", "Power and controls"),
    ("Hydraulic", "Pumps, cylinders, hoses"),
    ("Pneumatic", None),
    ("Safety", "Anything that can hurt someone"),
    ("Preventive", "Planned by the calendar"),
    ("Project", None),
    ("Damage", "Someone drove into something"),
    ("Inspection", None),
    ("Quality", "Scrap and rework"),
    ("Environmental; waste, water", "Label holds a semicolon"),
    ("Energy \u26a1", None),
)
PARTS = (
    ("Deep-groove bearing 6205", 1480),
    ("Deep-groove bearing 6308", 2895),
    ("V-belt SPB 2120", 3150),
    ("Timing belt HTD 8M", 4420),
    ('Hydraulic hose 3/4"', 5275),
    ("O-ring kit", 1999),
    ("Filter element 10 µm", 6240),
    ("Air filter F7", 2210),
    ("Gear oil ISO VG 220, 20 l", 11890),
    ("Grease EP2, 400 g", 749),
    ("Proximity sensor M12", 5460),
    ("Photo eye", 8930),
    ("Contactor 25 A", 4675),
    ("Fuse 10 A gG", 315),
    ("Servo drive 2.2 kW", 184500),
    ("Motor 5.5 kW", 61250),
    ("Coupling insert", 2335),
    ("Solenoid valve 5/2", 9720),
    ("Pressure gauge 0–16 bar", 2850),
    ("Safety relay", 15640),
    ("Light-curtain cable", 7125),
    ("Chain 16B-1, 5 m", 8800),
    ("Mechanical seal", 23990),
    ("LED tube 1.5 m", 1190),
)
VENDORS = (
    "Midwest Bearing & Drive",
    "Lakeshore Hydraulics",
    "Grainfield Supply Co.",
    "Rock River Electric, Inc.",
    "Prairie Air Systems",
    "Fulda Antriebstechnik GmbH",
    "Nordhessen Kälte & Klima",
    "Hydraulik Söhre KG",
    "Elektro Wilhelmshöhe",
    "Delta-T Calibration",
    "Second Street Welding",
    "Overhead Crane Care",
)
CRITICALITIES = (("Low", 1), ("Medium", 2), ("High", 3), ("Safety-critical", 4))
CUSTOM_STATUSES = (
    ("Running", "ONLINE", None),
    ("Running, reduced speed", "ONLINE", None),
    ("Breakdown", "OFFLINE", "UNPLANNED"),
    ("Waiting for parts", "OFFLINE", "UNPLANNED"),
    ("Planned maintenance", "OFFLINE", "PLANNED"),
    ("Changeover", "OFFLINE", "PLANNED"),
    ("Mothballed", "IGNORE", None),
)
METERS = (
    ("Running hours", "h", 6000.0),
    ("Cycles", "cycles", 900000.0),
    ("Temperature", "°C", 62.0),
    ("Pressure", "bar", 7.2),
    ("Vibration", "mm/s", 2.8),
    ("Energy", "kWh", 48000.0),
)
REASONS = (
    "Bearing seized",
    "Drive fault",
    "Hose burst",
    "Waiting for electrician",
    "Operator error",
    None,
    None,
)
EXPENSES = ("Crane hire", "External welder", "Courier", "Scaffold", "Disposal of oil")
# Administrators type labels freely: each of these breaks a naive column name.
WORK_ORDER_FIELDS = (
    ("Root cause (5-Why)", "singleSelect", ("Wear", "Operator", "Design", "Unknown")),
    ("Estimated Budget", "number", None),
    ('Customer "VIP"', "oneline", None),
    ("Größe [mm]", "number", None),
    ("Cost €", "number", None),
    ("\U0001f527 Tooling", "oneline", None),
    ("plant.line.cell", "oneline", None),
    ("$ref", "oneline", None),
    ("Downtime  (min)", "number", None),
    ("O'Brien's check", "singleSelect", ("Yes", "No")),
    ("ラベル", "oneline", None),
    (" Safety briefing held ", "singleSelect", ("Yes", "No", "n/a")),
    ("a\\b/c", "oneline", None),
    ("select", "oneline", None),
    ("100%", "number", None),
    ("Notes, long", "multiline", None),
    ("Next audit", "date", None),
)
OTHER_FIELDS = {
    "assets": (
        ("Cost center", "oneline", None),
        ("Warranty until", "date", None),
        ("Füllmenge [l]", "number", None),
        ("limit", "oneline", None),
    ),
    "locations": (("Floor", "oneline", None), ("Fire zone", "oneline", None)),
    "parts": (
        ("Shelf", "oneline", None),
        ("HS code", "oneline", None),
        ("Lead time (days)", "number", None),
    ),
    "vendors": (("Industry", "oneline", None), ("Payment terms", "oneline", None)),
    "purchaseOrders": (("Cost center", "oneline", None), ("Ordered Date", "date", None)),
    "lineItemPurchaseOrders": (("GL account", "oneline", None),),
}

# Record types with custom fields, as named in paths, and the list of their definitions.
CUSTOM_FIELD_ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "assets": "custom_fields_assets",
        "locations": "custom_fields_locations",
        "parts": "custom_fields_parts",
        "workOrders": "custom_fields_work_orders",
        "vendors": "custom_fields_vendors",
        "purchaseOrders": "custom_fields_purchase_orders",
        "lineItemPurchaseOrders": "custom_fields_line_item_purchase_orders",
    }
)
