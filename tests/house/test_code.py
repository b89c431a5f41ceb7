"""The code itself: style, types, layers."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_code_is_formatted_alike() -> None:
    run("ruff", "format", "--check", "--quiet", ".")


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", "--quiet", ".")


def test_every_type_holds() -> None:
    run("mypy")


def test_no_layer_reaches_over_another() -> None:
    from importlinter.cli import lint_imports  # noqa: PLC0415 -- it is a command first

    assert 0 == lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)


def test_a_reason_stands_beside_every_ignored_rule() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ("# type: ignore" in line or "# noqa" in line)
        and path != Path(__file__)
        and not _has_reason(line, path, number)
    ]

    assert [] == bare


def _has_reason(line: str, path: Path, number: int) -> bool:
    comment = line[line.index("# type: ignore" if "# type: ignore" in line else "# noqa") :]
    above = path.read_text(encoding="utf-8").splitlines()[number - 2].strip()
    return "--" in comment or comment.count("#") > 1 or above.startswith("#")


def test_the_core_stands_on_the_library_attrs_and_cattrs_alone() -> None:
    code = (
        "import sys, pkgutil, importlib, faraday_core\n"
        "for module in pkgutil.walk_packages(faraday_core.__path__, 'faraday_core.'):\n"
        "    importlib.import_module(module.name)\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "allowed = {'faraday_core', 'attr', 'attrs', 'cattr', 'cattrs', 'typing_extensions'}\n"
        "foreign = roots - set(sys.stdlib_module_names) - allowed\n"
        "print(sorted(name for name in foreign if not name.startswith('_')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import site; site.main()\n{code}"],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[]" == done.stdout.strip()


def test_the_library_needs_no_optional_package() -> None:
    absent = [
        "aiohttp",
        "aiosmtplib",
        "alembic",
        "babel",
        "boto3",
        "click",
        "markdown_it",
        "nh3",
        "orjson",
        "PIL",
        "platformdirs",
        "procrastinate",
        "prometheus_client",
        "psycopg",
        "rich",
        "sqlalchemy",
        "structlog",
        "textual",
        "uvloop",
    ]
    code = f"""
import sys
sys.modules.update(dict.fromkeys({absent}))
import asyncio
from adapters.compose import in_memory

async def main():
    async with in_memory() as app:
        await app.auth.register(email="pat@example.org", password="Tall-Ships-1897", full_name="P")
        signed_in = await app.auth.login(email="pat@example.org", password="Tall-Ships-1897")
        await app.auth.refresh(refresh_token=signed_in.refresh_token)

asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")
