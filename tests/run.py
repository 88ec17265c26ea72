"""The test command: installs what the tests need, runs the stages, prints one closing line.

A stage is a list of steps; a step is a command that must end with 0. Each stage has a ceiling in
minutes (docs/TESTING.md): a stage that passes it fails, so slow tests are repaired or moved to
the long run. Nothing here needs more than Debian's Python.
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "docs" / "records"
PEERS = ROOT / "tests" / "peers"

LOCKED = ["--locked", "--workspace"]
# The same with the second store; the whole workspace, so that what lies below it is built once.
ALL = [*LOCKED, "--features", "node-store/postgres"]

# name: (what it is, ceiling in minutes, steps)
STAGES = {
    "lint": ("format, clippy with warnings denied, tidy rules, licences and bans, docs", 10, [
        ("rustfmt", ["cargo", "fmt", "--all", "--check"]),
        ("clippy", ["cargo", "clippy", *ALL, "--all-targets", "--", "-D", "warnings"]),
        ("tidy", ["cargo", "test", "--locked", "-q", "-p", "tests", "--test", "tidy"]),
        ("deny", ["cargo", "deny", "--locked", "check", "bans", "licenses", "sources"]),
        ("doc", ["cargo", "doc", *ALL, "--no-deps", "-q"], {"RUSTDOCFLAGS": "-D warnings"}),
    ]),
    "unit": ("unit, property, golden and conformance tests of every package", 20, [
        ("build the program", ["cargo", "build", "--locked", "-p", "node"]),
        ("tests of the packages", ["cargo", "test", *LOCKED, "--exclude", "tests"]),
        ("suites", ["cargo", "test", "--locked", "-p", "tests", "--lib", "--bins", "--test", "golden",
                    "--test", "number", "--test", "duplicate", "--test", "dialogue", "--test", "leak",
                    "--test", "tour", "--test", "command", "--test", "corpus",
                    "--test", "conformance_registries",
                    "--test", "office", "--test", "usage", "--test", "removal",
                    "--test", "contact", "--test", "lan", "--test", "wire", "--test", "stick", "--test", "stick_hostile",
                    "--test", "hostile", "--test", "stick_trust", "--test", "sms_modems", "--test", "sms_packing",
                    "--test", "downward", "--test", "areas"]),
    ]),
    "peers": ("independent programs: PyPI codecs, npm smpp, PyPI smpplib, an HTTP aggregator, osmo-hlr, gammu, smstools, zbar on a printed slip, a browser on the pages of demo and office, a PostgreSQL server", 15, [
        ("build the program", ["cargo", "build", "--locked", "-p", "node"]),
        ("peers", ["cargo", "test", "--locked", "-p", "tests", "--test", "peers", "--", "--nocapture"]),
        ("PostgreSQL", ["cargo", "test", *ALL, "--exclude", "tests", "--test", "postgres", "--", "--nocapture"]),
    ]),
    "world": ("8 simulated worlds of 5 days with faults of every kind, controls, two stories; two months by SMS alone", 10, [
        ("worlds", ["cargo", "test", "--locked", "-p", "tests", "--test", "simulation", "--test", "sms_only",
                    "--", "--nocapture", "--test-threads", "2"], {"WORLD_SEEDS": "8", "WORLD_DAYS": "5"}),
    ]),
    "crash": ("damaged WAL tails, kill -9 of the real process, negative controls", 12, [
        ("build the programs", ["cargo", "build", "--locked", "-p", "node", "-p", "tests", "--bins"]),
        ("crash", ["cargo", "test", "--locked", "-p", "tests", "--test", "crash", "--", "--nocapture"]),
    ]),
}

# name: (what it is, packages it speaks for, command, environment)
LONG = {
    "property": ("20,000 cases of every property",
                 ["channels/core", "sync/core", "node/core"],
                 ["cargo", "test", "--locked", "--release", "-p", "channels-core", "-p", "sync-core",
                  "-p", "node-core"], {"PROPTEST_CASES": "20000"}),
    "year": ("a year of reminders to 1,000 mothers on two nodes with jumping clocks",
             ["node/core", "node/store"],
             ["cargo", "test", "--locked", "--release", "-p", "node-store", "--test", "hub_store",
              "year", "--", "--nocapture"], {"YEAR_MOTHERS": "1000"}),
    "number": ("registration numbers: 10^6 different, 10^5 with every error, order and neighbours",
               ["node/core"],
               ["cargo", "test", "--locked", "--release", "-p", "tests", "--test", "number", "--",
                "--nocapture"], {"OUTPOST_NUMBERS": "100000"}),
    "crash": ("300 kills and 2,000 WAL cuts",
              ["node", "node/store", "channels", "sync"],
              ["cargo", "test", "--locked", "-p", "tests", "--test", "crash", "--", "--nocapture",
               "--skip", "modem"],
              {"OUTPOST_KILLS": "300", "OUTPOST_WAL_CUTS": "2000"}),
    "world": ("200 simulated worlds of 30 days",
              ["node", "node/store", "node/core", "sync", "sync/core"],
              ["cargo", "test", "--locked", "--release", "-p", "tests", "--test", "simulation", "worlds",
               "--", "--nocapture"], {"WORLD_SEEDS": "200", "WORLD_DAYS": "30"}),
    "modem": ("kills of a sending node and faults of its modem: how often each message arrives",
              ["channels", "channels/core", "node", "node/store"],
              ["sh", "-c", "cargo build --locked -p node && cargo test --locked -p tests --test crash "
               "modem -- --nocapture"], {"OUTPOST_MODEM_TROUBLES": "60"}),
    "fuzz": ("coverage-guided fuzzing of every format that a peer sends, 1 minute a target",
             ["channels/core", "sync/core", "node/core"],
             [sys.executable, "tests/fuzz/run.py", "--seconds", "60"], {}),
    "campaign": ("the same, 10 minutes a target: once for an issue that brings formats, never stale",
                 [], [sys.executable, "tests/fuzz/run.py", "--seconds", "600", "--jobs", "4"], {}),
    "bench": ("the benchmark command: USSD step, resident memory, bytes",
              ["node", "node/core", "node/store", "channels", "channels/core"],
              ["sh", "-c", "cargo build --locked --release -p node && "
              "cargo run --locked --release -p tests --bin bench"], {}),
    "search": ("looking for people before 100,000 of them, on one core: times, memory",
               ["node/core", "node/store"],
               ["sh", "-c", "cargo build --locked --release -p node && "
               "cargo build --locked --release -p tests --bin search && "
               "taskset -c 0 target/release/search"], {}),
    "outbox": ("1,000,000 queued messages: memory above idle, start, next pick",
               ["node", "node/core", "node/store"],
               ["sh", "-c", "cargo build --locked --release -p node && "
               "cargo run --locked --release -p tests --bin outbox"], {}),
    "duplicate": ("twice 50 labelled sets of 1,000 registrations before 100,000 people: recall, precision, review load",
                  ["node/core/src/duplicate", "node/core/names"],
                  ["cargo", "test", "--locked", "--release", "-p", "tests", "--test", "duplicate", "--",
                   "--nocapture"], {"OUTPOST_DUPLICATE": "whole"}),
    "rates": ("10,000 people from their node to a hub and on to a fresh node over 20 kbit/s, and to a neighbour on a LAN",
              ["node", "node/core", "node/store", "sync", "sync/core"],
              ["cargo", "run", "--locked", "--release", "-p", "tests", "--bin", "rates"], {}),
    "smpp": ("submit_sm a second over loopback with window 50, and the durable rate",
             ["channels/core", "node/store"],
             ["cargo", "run", "--locked", "--release", "-p", "tests", "--bin", "smpp_rate"], {}),
}

DEBIAN = {"chromium": "chromium", "osmo-hlr": "osmo-hlr", "osmo-euse-demo": "osmo-hlr",
           "strace": "strace", "node": "nodejs", "c++": "g++",
          "npm": "npm", "cc": "gcc", "gammu": "gammu", "smsd": "smstools",
          "zbarimg": "zbar-tools", "initdb": "postgresql", "setpriv": "util-linux"}


def say(text):
    print(text, flush=True)


def is_installed(tool):
    """Whether a program is here; Debian keeps those of PostgreSQL servers off the path."""
    return shutil.which(tool) or any(Path("/usr/lib/postgresql").glob(f"*/bin/{tool}"))


def run(command, env=None):
    """Runs a command with its output shown; True when it ended with 0."""
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(env or {})}).returncode == 0


def install():
    """Brings what the stages need; each step says what it does, what is there is skipped."""
    if not shutil.which("cargo"):
        say("error: cargo was not found")
        say("hint: install Rust 1.92 or newer, then run this again")
        return False
    missing = sorted({package for tool, package in DEBIAN.items() if not is_installed(tool)})
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if missing:
        say(f"install: Debian packages {' '.join(missing)}")
        prefix = [] if os.geteuid() == 0 else ["sudo"]
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        if not (run([*prefix, "apt-get", "update", "-qq"], quiet)
                and run([*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends",
                         *missing], quiet)):
            return False
    if not subprocess.run(["cargo", "deny", "--version"], capture_output=True).returncode == 0:
        say("install: cargo-deny, which checks licences and banned packages")
        if not run(["cargo", "install", "cargo-deny", "--locked", "--version", "0.20.2", "-q"]):
            return False
    if not (PEERS / "node_modules" / "smpp").is_dir():
        say("install: npm packages of tests/peers")
        if not run(["npm", "ci", "--prefix", str(PEERS), "--no-audit", "--no-fund", "--silent"]):
            return False
    return install_pypi()


def install_pypi():
    """Brings what the Python peers import, as pinned; again when the pins have changed."""
    venv, pins = PEERS / "venv", PEERS / "requirements.txt"
    installed = venv / "installed.txt"
    if installed.exists() and installed.read_text() == pins.read_text():
        return True
    say("install: PyPI packages of tests/peers")
    good = (run([sys.executable, "-m", "venv", str(venv)])
            and run([str(venv / "bin" / "pip"), "install", "-q", "-r", str(pins)]))
    if good:
        shutil.copyfile(pins, installed)
    return good


def run_stage(name):
    """Runs one stage; returns (steps passed, steps failed)."""
    _, ceiling, steps = STAGES[name]
    passed = failed = 0
    began = time.monotonic()
    for step in steps:
        title, command = step[0], step[1]
        env = {"REQUIRE_PEERS": "1", **(step[2] if len(step) > 2 else {})}
        say(f"\n== {name}: {title}: {' '.join(command)}")
        start = time.monotonic()
        good = run(command, env)
        say(f"== {name}: {title}: {'passed' if good else 'FAILED'} in {time.monotonic() - start:.0f} s")
        passed, failed = passed + good, failed + (not good)
    took = (time.monotonic() - began) / 60
    cold = os.environ.get("OUTPOST_COLD") or not (ROOT / "target" / ".warm").exists()
    if took > ceiling and not cold:
        say(f"== {name}: took {took:.1f} minutes, its ceiling is {ceiling}")
        failed += 1
    return passed, failed


def last_change(paths):
    """The commit that last changed one of the paths."""
    out = subprocess.run(["git", "log", "-1", "--format=%H", "--", *paths], cwd=ROOT,
                         capture_output=True, text=True)
    return out.stdout.strip()


def is_ancestor(older, newer):
    """Whether `older` is contained in `newer`."""
    return subprocess.run(["git", "merge-base", "--is-ancestor", older, newer], cwd=ROOT,
                          capture_output=True).returncode == 0


def stale_records():
    """Long gates whose record is missing or older than the packages it speaks for."""
    stale = []
    for name, (_, packages, _, _) in LONG.items():
        path = RECORDS / f"{name}.json"
        if not path.exists():
            stale.append(f"record of long gate {name} is missing")
            continue
        record = json.loads(path.read_text())
        changed = last_change(packages) if packages else None
        if changed and not is_ancestor(changed, record["commit"]):
            stale.append(f"record of long gate {name} is older than {', '.join(packages)}")
    return stale


def run_long(names):
    """Runs long gates and writes their records."""
    passed = failed = 0
    RECORDS.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True,
                            text=True).stdout.strip()
    for name in names:
        what, packages, command, env = LONG[name]
        say(f"\n== long: {name}: {what}")
        result = ROOT / "target" / f"long-{name}.json"
        result.parent.mkdir(exist_ok=True)
        result.unlink(missing_ok=True)
        start = time.monotonic()
        good = run(command, {"REQUIRE_PEERS": "1", "OUTPOST_RECORD": str(result), **env})
        took = round(time.monotonic() - start)
        say(f"== long: {name}: {'passed' if good else 'FAILED'} in {took} s")
        passed, failed = passed + good, failed + (not good)
        if good:
            counts = json.loads(result.read_text()) if result.exists() else dict(env)
            record = {"gate": name, "what": what, "commit": commit, "seconds": took,
                      "packages": packages, "counts": counts}
            (RECORDS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    return passed, failed


def main():
    parser = argparse.ArgumentParser(prog="tests/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the stages and stop")
    parser.add_argument("--stage", choices=sorted(set(STAGES) | set(LONG)), help="run one stage, or with --long one gate")
    parser.add_argument("--long", action="store_true", help="run the long gates and write their records")
    parser.add_argument("--records", action="store_true", help="fail when a record is missing or stale")
    args = parser.parse_args()
    if args.list:
        for name, (what, ceiling, _) in STAGES.items():
            say(f"{name:8} {what} (at most {ceiling} min warm)")
        for name, (what, *_) in LONG.items():
            say(f"--long --stage {name:8} {what}")
        return 0
    if args.records:
        stale = stale_records()
        for line in stale:
            say(f"stale: {line}")
        say(f"{len(LONG) - len(stale)} passed, {len(stale)} failed")
        return 1 if stale else 0
    if not install():
        say("0 passed, 1 failed")
        return 1
    if args.long:
        passed, failed = run_long([args.stage] if args.stage else list(LONG))
    else:
        passed = failed = 0
        for name in [args.stage] if args.stage else list(STAGES):
            more, worse = run_stage(name)
            passed, failed = passed + more, failed + worse
        for line in stale_records():
            say(f"warning: {line}")
        if not failed:
            target = ROOT / "target"
            if target.is_dir():
                (target / ".warm").write_text("")
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
