"""Locations, assets, manufacturers, meters and meter triggers."""

import random

from sandbox.plant.clock import DAY, HOUR, MINUTE, instant, iso
from sandbox.plant.making import Organization, Record, custom_values, link
from sandbox.plant.words import (
    AREAS,
    COMPONENTS,
    CRITICALITIES,
    CUSTOM_STATUSES,
    MACHINES,
    MAKERS,
    METERS,
    OTHER_FIELDS,
    SYSTEMS,
)

NO_SUCH_LOCATION = 9_900_001


def make(organization: Organization) -> None:
    """Add locations, manufacturers, criticalities, custom statuses, assets, meters, triggers."""
    _make_locations(organization)
    _make_kinds(organization)
    _make_assets(organization)
    _make_meters(organization)
    _make_meter_triggers(organization)
    draw = organization.stream("responsibility")
    for team in organization.lists["teams"]:
        team["assetIds"] = sorted(draw.sample(organization.ids("assets"), 5))
        team["locationIds"] = sorted(draw.sample(organization.ids("locations"), 2))


def _make_locations(organization: Organization) -> None:
    draw = organization.stream("locations")
    making = organization.making
    organization.lists["locations"] = []
    wide = making.scale >= 0.2
    buildings, areas, lines, cells = (3, 3, 3, 3) if wide else (2, 1, 2, 2)
    for site_name in organization.sites:
        site = _location(organization, draw, site_name, None)
        site["address"] = f"{draw.randrange(100, 9999)} Industrial Dr"
        for building in "ABC"[:buildings]:
            hall = _location(organization, draw, f"Building {building}", site["id"])
            for area_name in draw.sample(AREAS, areas):
                area = _location(organization, draw, area_name, hall["id"])
                for line_number in range(1, lines + 1):
                    line = _location(organization, draw, f"Line {line_number}", area["id"])
                    organization.leaves.append(line["id"])
                    for cell in "ABC"[:cells]:
                        leaf = _location(
                            organization, draw, f"Cell {line_number}{cell}", line["id"]
                        )
                        organization.leaves.append(leaf["id"])
    _soil_locations(organization, draw)


def _soil_locations(organization: Organization, draw: random.Random) -> None:
    soil = organization.making.soil
    for name in ("Rented hall", "Old boiler house")[: 2 if organization.is_first else 1]:
        orphan = _location(organization, draw, name, NO_SUCH_LOCATION)
        soil("orphan_location", orphan["id"])
        organization.leaves.append(orphan["id"])
    names = ("Mezzanine", "Mezzanine stairs", "Mezzanine store")
    ring = [
        _location(organization, draw, name, None)
        for name in names[: 3 if organization.is_first else 1]
    ]
    for number, location in enumerate(ring):
        location["parentId"] = ring[number - 1]["id"]
        soil("location_cycle", location["id"])
    organization.leaves.append(_location(organization, draw, "Shelf", ring[0]["id"])["id"])
    blank = _location(organization, draw, "", organization.lists["locations"][0]["id"])
    soil("blank_location_name", blank["id"])
    organization.leaves.append(blank["id"])


def _location(
    organization: Organization, draw: random.Random, name: str, parent: int | None
) -> Record:
    location: Record = {
        "id": organization.making.new_id("locations"),
        "name": name,
        "description": "Badge needed" if draw.random() < 0.1 else None,
        "address": None,
        "parentId": parent,
        "organizationId": organization.id,
        "extraFields": custom_values(draw, OTHER_FIELDS["locations"], 0.3),
        "teamIds": [],
        "vendorIds": [],
        "barcode": f"LOC-{draw.randrange(16**6):06X}" if draw.random() < 0.5 else None,
        "attachments": [],
        **organization.making.stamps(draw),
    }
    if draw.random() < 0.1:
        location["thumbnail"] = link(draw, organization.making, "place.jpg", location["createdAt"])
    organization.lists["locations"].append(location)
    return location


def _make_kinds(organization: Organization) -> None:
    making = organization.making
    draw = organization.stream("kinds")
    organization.lists["asset_criticalities"] = [
        {"id": making.new_id("asset_criticalities"), "label": label, "level": level}
        for label, level in CRITICALITIES
    ]
    organization.lists["asset_custom_statuses"] = [
        {
            "id": making.new_id("asset_custom_statuses"),
            "label": label,
            "baseAssetStatus": base,
            "downtimeType": kind,
            **making.stamps(draw, settled=0.9),
        }
        for label, base, kind in CUSTOM_STATUSES
    ]
    organization.lists["manufacturers"] = []
    organization.lists["models"] = []
    for maker, models in MAKERS:
        maker_id = making.new_id("manufacturers")
        organization.lists["manufacturers"].append(
            {"id": maker_id, "name": maker, "organizationId": organization.id}
        )
        for model in models:
            organization.lists["models"].append(
                {
                    "id": making.new_id("models"),
                    "name": model,
                    "manufacturerId": maker_id if draw.random() < 0.95 else None,
                    "organizationId": organization.id,
                }
            )


def _make_assets(organization: Organization) -> None:
    draw = organization.stream("assets")
    making = organization.making
    count = organization.size(800, least=24)
    organization.lists["assets"] = assets = []
    systems: list[Record] = []
    machines: list[Record] = []
    components: list[Record] = []
    for number in range(count):
        share = number / count
        if share < 0.12:
            asset = _asset(organization, draw, f"{draw.choice(SYSTEMS)} {number + 1}", None)
            systems.append(asset)
        elif share < 0.6:
            parent = draw.choice(systems) if draw.random() < 0.85 else None
            asset = _asset(organization, draw, f"{draw.choice(MACHINES)} {number + 1:03}", parent)
            machines.append(asset)
        else:
            deep = components and draw.random() < 0.15
            parent = draw.choice(components if deep else machines)
            asset = _asset(organization, draw, draw.choice(COMPONENTS), parent)
            components.append(asset)
        assets.append(asset)
    if organization.is_first:
        ring = components[-2:]
        for number, asset in enumerate(ring):
            asset["parentId"] = ring[number - 1]["id"]
            making.soil("asset_cycle", asset["id"])
    components[0]["name"] = ""
    making.soil("blank_asset_name", components[0]["id"])
    organization.gone["assets"] = [
        _asset(organization, draw, f"{draw.choice(MACHINES)} (scrapped)", None) for _ in range(3)
    ]


def _asset(
    organization: Organization, draw: random.Random, name: str, parent: Record | None
) -> Record:
    making = organization.making
    lists = organization.lists
    location = parent["locationId"] if parent and draw.random() < 0.8 else None
    model = draw.choice(lists["models"])
    makers = {maker["id"]: maker["name"] for maker in lists["manufacturers"]}
    asset: Record = {
        "id": making.new_id("assets"),
        "name": name,
        "description": "Bought used" if draw.random() < 0.15 else None,
        "parentId": parent["id"] if parent else None,
        "criticalityId": draw.choices(
            [each["id"] for each in lists["asset_criticalities"]], (40, 35, 20, 5)
        )[0]
        if draw.random() < 0.85
        else None,
        "locationId": location or draw.choice(organization.leaves),
        "serialNumber": f"SN{draw.randrange(10**8):08}" if draw.random() < 0.8 else None,
        "creatorId": organization.someone(draw) if draw.random() < 0.95 else None,
        "organizationId": organization.id,
        "currentOwnerId": organization.id,
        "globalUuid": f"{draw.getrandbits(128):032x}",
        "barcode": f"A-{draw.randrange(16**8):08X}" if draw.random() < 0.7 else None,
        "teamIds": [draw.choice(organization.ids("teams"))] if draw.random() < 0.5 else [],
        "assetTypes": [name.rsplit(" ", 1)[0]] if draw.random() < 0.6 else [],
        "extraFields": custom_values(draw, OTHER_FIELDS["assets"], 0.4),
        "vendorIds": [draw.choice(organization.ids("vendors"))] if draw.random() < 0.3 else [],
        "manufacturer": makers.get(model["manufacturerId"]),
        "model": model["name"] if draw.random() < 0.9 else None,
        "attachments": [],
        **making.stamps(draw),
    }
    if draw.random() < 0.6:
        asset["depreciation"] = _depreciation(organization, draw)
    if draw.random() < 0.3:
        asset["thumbnail"] = link(draw, making, "asset.jpg", asset["createdAt"])
        asset["attachments"] = [link(draw, making, "manual.pdf", asset["createdAt"])]
    return asset


def _depreciation(organization: Organization, draw: random.Random) -> Record:
    price = round(draw.lognormvariate(10.2, 1.1), 2)
    years = draw.choice((5, 7, 10, 15))
    age = draw.uniform(0.2, 12)
    yearly = round(price * 0.9 / years, 2)
    written_off = round(min(years, age) * yearly, 2)
    bought = iso(organization.making.now - int(age * 365) * DAY)
    return {
        "id": organization.making.new_id("depreciations"),
        "purchasePrice": price,
        "salvageValue": round(price * 0.1, 2),
        "usefulLifeYears": years,
        "yearsDepreciated": round(min(years, age), 2),
        "annualDepreciation": yearly,
        "accumulatedDepreciation": written_off,
        "currentBookValue": round(price - written_off, 2),
        "purchaseDate": bought if draw.random() < 0.9 else None,
        "depreciationStartDate": bought,
        "createdAt": iso(organization.making.go_live),
    }


def _make_meters(organization: Organization) -> None:
    draw = organization.stream("meters")
    making = organization.making
    meters = []
    for _ in range(organization.size(180, least=6)):
        asset = draw.choice(organization.lists["assets"])
        name, unit, level = draw.choice(METERS)
        meter_id = making.new_id("meters")
        meter: Record = {
            "id": meter_id,
            "name": f"{name} {asset['name']}".strip(),
            "unit": unit,
            "measurementType": draw.choices(
                ("MANUAL", "IOT_DEVICE", "AUTOMATED_SENSOR"), (70, 15, 15)
            )[0],
            "assetId": asset["id"] if draw.random() < 0.9 else None,
            "locationId": asset["locationId"],
            "creatorId": organization.someone(draw),
            "updaterId": None,
            "uuid": f"{draw.getrandbits(128):032x}",
            "description": None,
            "readingFrequency": {"type": "WEEKLY", "interval": 1, "days": ["MONDAY"]},
            "deletedAt": None,
            **making.stamps(draw),
        }
        if draw.random() < 0.9:
            read = making.now - int(draw.expovariate(1 / (9 * DAY)))
            meter["lastReading"] = {
                "id": f"{draw.getrandbits(64):016x}",
                "meterId": meter_id,
                "createdAt": iso(read + MINUTE),
                "readingDate": iso(read),
                "value": round(level * draw.uniform(0.3, 1.6), 2),
            }
        meters.append(meter)
    organization.lists["meters"] = meters


def _make_meter_triggers(organization: Organization) -> None:
    draw = organization.stream("meter triggers")
    making = organization.making
    organization.lists["meter_triggers"] = [
        {
            "id": making.new_id("meter_triggers"),
            "name": f"{meter['name']} too high",
            "meterId": meter["id"],
            "organizationId": organization.id,
            "amount": round(draw.uniform(10, 5000), 1),
            "condition": draw.choice(("INCREMENTED_BY", "IS_GREATER", "IS_LESS")),
            "creatorId": organization.someone(draw),
            "dataPoints": {"numerator": 1, "denominator": 1},
            "deletedAt": None,
            "description": None,
            "minDateForProcessing": None,
            "nextTriggerValue": round(draw.uniform(100, 9000), 1),
            "period": None,
            "state": draw.choices(("STABLE", "TRIGGERED", "PENDING", "INACTIVE"), (6, 2, 1, 1))[0],
            "workOrderTemplateId": None,
            **making.stamps(draw),
        }
        for number, meter in enumerate(organization.lists["meters"])
        if number == 0 or draw.random() < 0.4
    ]


def make_asset_statuses(organization: Organization, stops: list[tuple[int, int, int, str]]) -> None:
    """Add the status history of every asset. stops: (asset id, start, end, downtime type; ''
    unclassified); end 0 while it lasts. Between two stops an asset is online."""
    draw = organization.stream("asset statuses")
    by_asset: dict[int, list[tuple[int, int, str]]] = {}
    for asset_id, start, end, kind in stops:
        by_asset.setdefault(asset_id, []).append((start, end, kind))
    history = _History(organization, draw)
    for asset in organization.lists["assets"]:
        history.write(asset, sorted(by_asset.get(asset["id"], ())))
    history.soil()
    rows = sorted(history.rows, key=lambda row: str(row["createdAt"]))
    for row in rows:
        new = organization.making.new_id("asset_statuses")
        row["id"] = new
    organization.lists["asset_statuses"] = rows
    for asset in organization.lists["assets"]:
        current = history.current.get(asset["id"])
        asset["_statusId"] = current["id"] if current else None
    for kind, marked in history.marked.items():
        for row in marked:
            organization.making.soil(kind, row["id"])


class _History:
    """Builds the asset statuses of one organization."""

    def __init__(self, organization: Organization, draw: random.Random) -> None:
        self.rows: list[Record] = []
        self.current: dict[int, Record] = {}
        self.marked: dict[str, list[Record]] = {}
        self._organization = organization
        self._draw = draw
        self._custom: dict[tuple[str, str | None], list[int]] = {}
        for custom in organization.lists["asset_custom_statuses"]:
            kind = (custom["baseAssetStatus"], custom["downtimeType"])
            self._custom.setdefault(kind, []).append(custom["id"])

    def write(self, asset: Record, stops: list[tuple[int, int, str]]) -> None:
        """Rows of one asset: online, offline, online ... without overlap."""
        since = self._organization.making.go_live
        lasts = False
        for start, end, kind in stops:
            if start < since + HOUR or lasts:
                continue
            if stops[0][0] != start or self._draw.random() < 0.5:
                self._add(asset["id"], "ONLINE", None, since, start)
            lasts = end == 0
            row = self._add(asset["id"], "OFFLINE", kind or None, start, end)
            if lasts:
                self.current[asset["id"]] = row
                self.marked.setdefault("open_downtime", []).append(row)
            since = end
        if not lasts and (stops or self._draw.random() < 0.3):
            self.current[asset["id"]] = self._add(asset["id"], "ONLINE", None, since, 0)

    def _add(self, asset_id: int, status: str, kind: str | None, start: int, end: int) -> Record:
        draw, organization = self._draw, self._organization
        now = organization.making.now
        created = min(now - MINUTE, start + int(draw.random() * 10 * MINUTE))
        customs = self._custom.get((status, kind), [])
        row: Record = {
            "id": 0,
            "customStatusId": draw.choice(customs) if customs and draw.random() < 0.5 else None,
            "assetId": asset_id,
            "status": status,
            "downtimeType": kind,
            "startedAt": iso(start),
            "endedAt": iso(end) if end else None,
            "organizationId": organization.id,
            "creatorId": organization.someone(draw),
            "updaterId": organization.someone(draw) if end else None,
            "createdAt": iso(created),
            "updatedAt": iso(max(created, min(now - MINUTE, end + MINUTE))),
            "deletedAt": None,
            "description": draw.choice(("Belt change", "Waiting for parts", None, None)),
        }
        self.rows.append(row)
        return row

    def soil(self) -> None:
        """Add overlapping, ignored and deleted rows, and at least one asset that is offline now."""
        organization, draw = self._organization, self._draw
        if "open_downtime" not in self.marked:
            self._stop()
        closed = [row for row in self.rows if row["status"] == "OFFLINE" and row["endedAt"]]
        kinds = (("overlapping_downtime", 40), ("deleted_asset_status", 30), ("ignored_time", 12))
        for kind, full in kinds:
            for row in draw.sample(closed, min(len(closed), organization.size(full))):
                middle = (instant(row["startedAt"]) + instant(row["endedAt"])) // 2
                twin = {**row, "startedAt": iso(middle), "customStatusId": None}
                if kind == "ignored_time":
                    twin["status"], twin["downtimeType"] = "IGNORE", None
                elif kind == "overlapping_downtime":
                    planned = row["downtimeType"] == "PLANNED"
                    twin["downtimeType"] = "UNPLANNED" if planned else "PLANNED"
                else:
                    twin["deletedAt"] = row["updatedAt"]
                self.rows.append(twin)
                self.marked.setdefault(kind, []).append(twin)

    def _stop(self) -> None:
        since = self._organization.making.now - 6 * HOUR
        asset_id, online = next(
            (asset_id, row)
            for asset_id, row in self.current.items()
            if row["startedAt"] < iso(since)
        )
        online["endedAt"] = online["updatedAt"] = iso(since)
        self.current[asset_id] = self._add(asset_id, "OFFLINE", "UNPLANNED", since, 0)
        self.marked["open_downtime"] = [self.current[asset_id]]
