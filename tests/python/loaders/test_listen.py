"""`python -m loaders listen`: what is signed is kept before it is answered, all else is refused."""

import fcntl
import json
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from loaders.maintainx.catalogue import CATALOGUE
from loaders.maintainx.webhooks import EVENTS, IGNORED
from loaders.warehouse import signals
from sandbox import Dataset, Fault, Sandbox, Trouble, serve
from sandbox.api.webhooks import BURST, Post, Subscription, Webhooks, signed
from tests.python.loaders.conftest import in_process
from tests.support.listening import ROOT, Receiver, listening
from tests.support.served import free_port

DESCRIPTION = ROOT.parent / "shared" / "maintainx-api" / "openapi-get.json"
PAYLOAD = {"eventType": "WORK_ORDER_CHANGE", "orgId": 7, "workOrderId": 42, "userId": 3}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with listening(tmp_path_factory.mktemp("listen") / "warehouse.duckdb") as receiver:
        yield receiver


@pytest.fixture
def receiver(shared: Receiver) -> Receiver:
    """One process for all tests; each begins without files."""
    for path in shared.warehouse.parent.glob("warehouse*"):
        path.unlink()
    return shared


def subscription(receiver: Receiver, path: str = "/WORK_ORDER_CHANGE") -> Subscription:
    return Subscription(1, "WORK_ORDER_CHANGE", receiver.url + path, "sandbox-secret")


def post(given: Post, **headers: str) -> int:
    texts = {**given.headers, **headers}
    pairs = [(name.encode(), text.encode("latin-1")) for name, text in texts.items()]
    return httpx.post(given.url, content=given.body, headers=pairs).status_code


def test_a_delivery_is_kept_as_a_signal_and_nothing_else_of_it(receiver: Receiver) -> None:
    assert post(signed(subscription(receiver), PAYLOAD)) == 204
    (line,) = receiver.lines()
    kept = json.loads(line)
    assert kept.pop("received").startswith("20")
    assert kept == {
        "event": "WORK_ORDER_CHANGE",
        "list": "work_orders",
        "organization_id": 7,
        "id": 42,
    }
    made = {path.name for path in receiver.warehouse.parent.glob("warehouse*")}
    assert made == {"warehouse.duckdb.signals"}
    assert receiver.warehouse.with_name("warehouse.duckdb.signals").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("path", "payload", "event", "number"),
    [
        ("/WORK_ORDER_DELETE", {}, "WORK_ORDER_DELETE", None),
        ("/a/NEW_PART?x=1", {"partId": 5}, "NEW_PART", 5),
        ("/hooks", {"eventType": "WORK_REQUEST_STATUS_CHANGE", "requestId": 9}, None, 9),
        ("/hooks", {"type": "NEW_ASSET", "assetId": "8"}, "NEW_ASSET", None),
        (
            "/",
            {"type": "TEXT", "eventType": "PART_DELETE", "partId": 6},
            None,
            6,
        ),
    ],
)
def test_the_event_is_that_of_the_path_or_of_the_body(
    receiver: Receiver, path: str, payload: dict[str, Any], event: str | None, number: int | None
) -> None:
    assert post(signed(subscription(receiver, path), payload)) == 204
    kept = json.loads(receiver.lines()[0])
    assert (kept["event"], kept["id"]) == (event or payload["eventType"], number)


def altered(given: Post, **changes: Any) -> Post:
    return Post(**{"url": given.url, "headers": given.headers, "body": given.body, **changes})


BODY, URI = "x-maintainx-webhook-body-signature", "x-maintainx-webhook-uri-signature"


def test_what_is_forged_or_old_is_refused_and_not_kept(receiver: Receiver) -> None:
    to = subscription(receiver)
    true = signed(to, PAYLOAD)
    stale = {sign: signed(to, PAYLOAD, moment=time.time() + sign * 310) for sign in (-1, 1)}
    milliseconds = signed(to, PAYLOAD, moment=time.time() * 1000)
    refused = {
        "another secret": signed(to, PAYLOAD, secret="other"),
        "no signature": altered(true, headers={}),
        "no signature of the URI": altered(true, headers={BODY: true.headers[BODY]}),
        "no signature of the body": altered(true, headers={URI: true.headers[URI]}),
        "another body": altered(true, body=true.body + b" "),
        "another path": altered(true, url=true.url + "/x"),
        "another query": altered(true, url=true.url + "?x"),
        "signatures exchanged": altered(
            true, headers={BODY: true.headers[URI], URI: true.headers[BODY]}
        ),
        "old": stale[-1],
        "of the future": stale[1],
        "an old body": altered(true, headers={**true.headers, BODY: stale[-1].headers[BODY]}),
        "another moment": altered(
            true, headers={name: text.replace("t=1", "t=2") for name, text in true.headers.items()}
        ),
        "two moments": altered(
            true, headers={name: f"t=1,{text}" for name, text in true.headers.items()}
        ),
        "not hexadecimal": altered(true, headers={BODY: "t=1,v1=\xe4", URI: true.headers[URI]}),
    }
    assert {name: post(each) for name, each in refused.items()} == dict.fromkeys(refused, 401)
    assert post(true, host="other.example") == 401
    assert receiver.lines() == []
    assert receiver.lines("dead_letters") == []
    accepted = [true, signed(to, PAYLOAD, secret="old-secret"), milliseconds]
    assert [post(each) for each in accepted] == [204] * 3


def test_what_is_too_large_is_refused(receiver: Receiver) -> None:
    large = signed(subscription(receiver), {**PAYLOAD, "note": "x" * 1_000_000})
    assert post(large) == 413

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(large.body), 65_536):
            yield large.body[at : at + 65_536]

    # Without a length the receiver has to count.
    assert httpx.post(large.url, content=chunks(), headers=dict(large.headers)).status_code == 413
    assert httpx.get(large.url).status_code == 405
    assert receiver.lines() == []


def test_what_is_signed_and_not_understood_is_a_dead_letter(receiver: Receiver) -> None:
    bodies = [b"no JSON", b'"text"', b"\xff", b"[" * 5_000, b'{"eventType": ["x"]}', b"{}"]
    for body in bodies:
        assert post(signed(subscription(receiver, "/hooks"), body)) == 204
    letters = [json.loads(line) for line in receiver.lines("dead_letters")]
    assert [letter["body"][:7] for letter in letters[:2]] == ["no JSON", '"text"']
    assert len(letters) == len(bodies)
    assert max(len(letter["body"]) for letter in letters) == 2_000
    assert post(signed(subscription(receiver, "/USER_LOGOUT"), {})) == 204
    assert receiver.lines() == []
    waiting = signals.waiting(receiver.warehouse)
    assert (waiting.signals, waiting.since, waiting.dead_letters) == (0, None, len(bodies))


@pytest.mark.slow
def test_a_burst_in_any_order_is_kept_whole(receiver: Receiver) -> None:
    webhooks = Webhooks()
    webhooks.subscribe_all(receiver.url)
    for number in range(20):
        webhooks.happened("update", "parts", 7, {"id": number + 1})
    answers = webhooks.deliver(list(Trouble), seed=3)
    # Half of them are late.
    assert (answers[401], answers[413]) == (2 * 10, 10)
    while webhooks.deliver():
        pass
    kept = [json.loads(line) for line in receiver.lines()]
    assert {one["id"] for one in kept} == set(range(1, 21))
    assert len(kept) >= BURST


def test_a_full_disk_is_no_2xx_and_what_comes_after_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb.signals"
    with listening(tmp_path / "warehouse.duckdb") as receiver:
        to = signed(subscription(receiver), PAYLOAD)
        assert post(to) == 204
        limit = path.stat().st_size + 20
        resource.prlimit(receiver.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        assert post(to) == 503
        assert path.stat().st_size == limit
    with listening(tmp_path / "warehouse.duckdb") as receiver:
        assert post(signed(subscription(receiver), PAYLOAD)) == 204
    assert [signal.id for signal in signals.take(tmp_path / "warehouse.duckdb").signals] == [42, 42]


def test_it_ends_at_sigterm_with_0(tmp_path: Path) -> None:
    with listening(tmp_path / "warehouse.duckdb") as receiver:
        receiver.process.send_signal(signal.SIGTERM)
        assert receiver.process.wait(timeout=10) == 0
    assert "Traceback" not in (tmp_path / "listen.log").read_text()


def test_the_public_url_stands_before_the_path(tmp_path: Path) -> None:
    public = "https://plant.example/hooks"
    with listening(tmp_path / "warehouse.duckdb", "--public-url", public + "/") as receiver:
        far = Subscription(1, "NEW_PART", public + "/NEW_PART", "sandbox-secret")
        given = signed(far, {"partId": 5})
        assert post(altered(given, url=receiver.url + "/NEW_PART")) == 204
        assert post(signed(subscription(receiver), PAYLOAD)) == 401


# Signals


def signal_of(number: int) -> dict[str, Any]:
    return {
        "received": "2026-01-01T00:00:00.000+00:00",
        "event": "WORK_ORDER_CHANGE",
        "list": "work_orders",
        "organization_id": 7,
        "id": number,
    }


def test_a_taken_signal_stays_until_it_is_settled(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    path = signals.path_of(warehouse)
    signals.append(path, signal_of(1))
    assert signals.are_new(warehouse)
    signals.take(warehouse)
    assert not signals.are_new(warehouse)
    signals.append(path, signal_of(2), signal_of(2), signal_of(3))
    taken = signals.take(warehouse)
    assert [one.id for one in taken.signals] == [1, 2, 2, 3]
    signals.append(path, signal_of(4))
    signals.settle(warehouse, taken, taken.signals[1:3])
    assert signals.waiting(warehouse).signals == 2
    taken = signals.take(warehouse)
    assert [one.id for one in taken.signals] == [2, 4]
    signals.settle(warehouse, taken, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["opened", "locked"])
def test_a_file_taken_while_it_is_written_is_not_written_any_more(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver has opened the file when `sync` takes and settles it."""
    warehouse = tmp_path / "warehouse.duckdb"
    signals.append(signals.path_of(warehouse), signal_of(1))
    true = fcntl.flock
    flocks: list[int] = []

    def flock(file: int, kind: int) -> None:
        flocks.append(kind)
        if len(flocks) == 1 and moment == "opened":
            signals.settle(warehouse, signals.take(warehouse), [])
        true(file, kind)
        if len(flocks) == 1 and moment == "locked":
            signals.path_of(warehouse).rename(tmp_path / "taken")

    monkeypatch.setattr(fcntl, "flock", flock)
    signals.append(signals.path_of(warehouse), signal_of(2))
    assert [one.id for one in signals.take(warehouse).signals] == [2]


# Subscriptions


def test_subscribe_makes_what_listen_takes(tmp_path: Path, dataset: Dataset) -> None:
    sandbox, file = Sandbox(dataset), tmp_path / "webhooks.env"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serve(sandbox) as base:
        environment = {"MAINTAINX_API_KEY": "sandbox-key", "MAINTAINX_BASE_URL": base}
        environment["MAINTAINX_UMASK"] = "022"

        def said(*arguments: str, expect: int = 0) -> str:
            command = ("subscribe", *arguments, "--public-url", url)
            return in_process(*command, environment=environment, expect=expect).output

        assert f"{url}/NEW_VENDOR" in said()
        assert sandbox.webhooks.subscriptions == {}
        said("NEW_VENDOR", "PART_DELETE", "--create", str(file))
        text = said("NEW_ASSET", "--create", str(file), expect=2)
        assert "webhooks.env cannot be created (File exists)" in text
        assert "did you mean NEW_PART" in said("NEW_PARTS", expect=2)
        assert "USER_LOGOUT: it is about access" in said("USER_LOGOUT", expect=2)
        sandbox.faults.append(Fault(where="secret", times=None, status=404))
        text = said("NEW_ASSET", "-v", "--create", str(tmp_path / "other"), expect=1)
        assert "subscription 902: NEW_ASSET, VALID" in text
    made = list(sandbox.webhooks.subscriptions.values())
    events = ("NEW_VENDOR", "PART_DELETE", "NEW_ASSET")
    assert [(one.type, one.url) for one in made] == [(each, f"{url}/{each}") for each in events]
    assert not any(one.secret in text for one in made)
    assert file.stat().st_mode & 0o777 == 0o600
    name, _, secrets = file.read_text().partition("=")
    assert name == "MAINTAINX_WEBHOOK_SECRETS"
    sandbox.insert("vendors")
    with listening(tmp_path / "warehouse.duckdb", port=port, secrets=secrets):
        assert sandbox.webhooks.deliver() == {204: 1}
    text = in_process("listen", environment={}, expect=2).output
    assert "MAINTAINX_WEBHOOK_SECRETS is not set" in text


# The map of events


def test_every_event_names_lists_of_the_catalogue() -> None:
    assert EVENTS.keys().isdisjoint(IGNORED)
    assert {name for names in EVENTS.values() for name in names} <= set(CATALOGUE)


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the published description is not here")
def test_every_event_of_the_description_is_mapped_or_ignored() -> None:
    answer = json.loads(DESCRIPTION.read_text())["paths"]["/subscriptions/{id}"]["get"]["responses"]
    schema = answer["200"]["content"]["application/json"]["schema"]
    types = schema["properties"]["subscription"]["properties"]["type"]["enum"]
    assert EVENTS.keys() | IGNORED.keys() == set(types)
