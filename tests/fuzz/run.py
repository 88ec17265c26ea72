"""Runs the fuzz targets for some seconds each; ends with 0 only if nothing broke.

First the control: a build with a planted fault, which must be found within ten seconds. As
many targets run at a time as there are processors, each for its whole time. A target starts from its committed corpus and keeps what it finds in a folder of the build; with
--grow the smallest inputs that add coverage go into the committed corpus. A crashing input is
kept under `artifacts` and belongs into a named test. Needs Rust, a C++ compiler and Python.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
CORPUS = FUZZ / "corpus"
BUILD = Path(os.environ.get("CARGO_TARGET_DIR", FUZZ / "target")).resolve()
TARGETS = ["smpp_pdu", "ussd_form", "frame", "fact", "segment",
           "ussd_json", "sms_api", "gsup", "ber", "tpdu", "ussd_text", "at_line",
           "service", "slip", "sms_datagram", "sms_run", "pack", "bundle"]
CONTROL = "planted"

CARGO_FUZZ = "0.13.2"
CONTROL_SECONDS = 10
# Memory of one process; an input may use 16 MB and a second, see docs/TESTING.md.
LIMITS = ["-rss_limit_mb=512", "-timeout=2", "-max_len=8300"]
# Bytes of one committed corpus folder, and of one input that goes into it.
FOLDER_BYTES_MAX = 200 * 1024
INPUT_BYTES_MAX = 4 * 1024

STATUS = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+)", re.MULTILINE)


def say(text):
    print(text, flush=True)


def cargo(*arguments, **keywords):
    """Runs cargo in the fuzz crate."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(BUILD)}
    return subprocess.run(["cargo", *arguments], cwd=FUZZ, env=environment, **keywords)


def install():
    """Brings cargo-fuzz; what is there is skipped."""
    probe = subprocess.run(["cargo", "fuzz", "--version"], capture_output=True)
    if probe.returncode == 0:
        return True
    say("install: cargo-fuzz, which builds targets for libFuzzer")
    command = ["cargo", "install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "-q"]
    return subprocess.run(command).returncode == 0


def fuzz(action, target, *arguments, **keywords):
    """Runs cargo-fuzz on stable Rust, without a sanitizer."""
    return cargo("fuzz", action, "--fuzz-dir", str(FUZZ), "--sanitizer", "none", target,
                 *arguments, **keywords)


def folder(*names):
    """A folder below the build folder, made if it is not there."""
    path = BUILD / "fuzz-run" / Path(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path


def fuzz_target(target, seconds, corpus, artifacts):
    """Fuzzes a built target; returns (exit code, output)."""
    found = folder("found", target)
    done = fuzz("run", target, str(found), str(corpus), "--",
                f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/", *LIMITS,
                "-print_final_stats=1", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors="replace")
    return done.returncode, done.stdout


def counts(output):
    """Executions, edges and features from libFuzzer's last lines."""
    rows = STATUS.findall(output)
    last = rows[-1] if rows else ("0", "", "0", "0")
    total = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    slowest = re.search(r"stat::slowest_unit_time_sec:\s*(\d+)", output)
    peak = re.search(r"stat::peak_rss_mb:\s*(\d+)", output)
    return {"executions": int(total.group(1)) if total else int(last[0]),
            "edges": int(last[2]), "features": int(last[3]),
            "slowest_s": int(slowest.group(1)) if slowest else 0,
            "peak_rss_mb": int(peak.group(1)) if peak else 0}


def control():
    """The planted fault must be found from the committed corpus; returns its record."""
    if fuzz("build", CONTROL).returncode != 0:
        return None
    start = time.monotonic()
    code, output = fuzz_target(CONTROL, CONTROL_SECONDS, CORPUS / "smpp_pdu",
                               folder("artifacts", CONTROL))
    took = time.monotonic() - start
    is_found = code != 0 and "range end index" in output
    say(f"control: planted fault {'found' if is_found else 'NOT FOUND'} in {took:.1f} s")
    return {"found": is_found, "seconds": round(took, 1)}


def grow(target):
    """Adds few inputs that reach new edges to the committed corpus, up to its limit."""
    merged = folder("merged", target)
    for old in merged.iterdir():
        old.unlink()
    done = fuzz("run", target, str(merged), str(CORPUS / target), str(folder("found", target)),
                "--", "-set_cover_merge=1", "-use_counters=0", *LIMITS,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    size = sum(path.stat().st_size for path in (CORPUS / target).iterdir())
    added = 0
    for path in sorted(merged.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        content = path.read_bytes()
        name = CORPUS / target / hashlib.sha256(content).hexdigest()[:16]
        if name.exists() or len(content) > INPUT_BYTES_MAX:
            continue
        if size + len(content) > FOLDER_BYTES_MAX:
            break
        name.write_bytes(content)
        size, added = size + len(content), added + 1
    say(f"{target}: {added} inputs added, {size} bytes")
    return done.returncode == 0


def run(target, seconds):
    """Fuzzes a built target; returns its record."""
    artifacts = FUZZ / "artifacts" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    code, output = fuzz_target(target, seconds, CORPUS / target, artifacts)
    record = {**counts(output), "crashed": code != 0}
    say(f"{target}: {record['executions']} executions, {record['edges']} edges, "
        f"slowest {record['slowest_s']} s, {record['peak_rss_mb']} MB"
        f"{', CRASHED' if code else ''}")
    if code:
        say("\n".join(output.splitlines()[-60:]))
    return record


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=15, help="time for each target")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets at once")
    parser.add_argument("--target", choices=TARGETS, help="run one target")
    parser.add_argument("--seed", action="store_true", help="write the seeds and stop")
    parser.add_argument("--grow", action="store_true", help="add what was found to the corpus")
    args = parser.parse_args()
    if args.seed:
        return cargo("run", "-q", "--bin", "seed", "--", str(CORPUS)).returncode
    if not install():
        return 1
    planted = control()
    good = planted is not None and planted["found"]
    targets = [args.target] if args.target else TARGETS
    for target in targets:
        if fuzz("build", target).returncode != 0:
            say(f"{target}: does not build")
            return 1
    with ThreadPoolExecutor(max_workers=args.jobs) as pool:
        done = pool.map(lambda target: run(target, args.seconds), targets)
        records = dict(zip(targets, done))
    good = good and not any(record["crashed"] for record in records.values())
    if args.grow:
        for target in targets:
            good = grow(target) and good
    result = os.environ.get("OUTPOST_RECORD")
    if result:
        counted = {"seconds_per_target": args.seconds, "control": planted, "targets": records}
        Path(result).write_text(json.dumps(counted, indent=2) + "\n")
    say("fuzz: nothing broke" if good else "fuzz: FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
