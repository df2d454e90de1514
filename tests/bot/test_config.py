from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import Config, ConfigurationError, load

LEAST = '[matrix]\nhomeserver = "https://matrix.example.org"\nuser = "@samrum:example.org"\n'
MAIL = '[mail]\nhost = "smtp.example.org"\nsender = "samrum@example.org"\n'


def loaded(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ or {})


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text, environ)
    return caught.value.problems


def test_the_least_configuration_has_safe_defaults(tmp_path: Path) -> None:
    config = loaded(tmp_path, LEAST)

    assert config.matrix.trust == "cross-signed"
    assert config.matrix.federation is False
    assert config.mail is None
    assert config.followed is None
    assert (config.gathering.edits, config.gathering.joins, config.gathering.keys) == (1.0, 60.0, 60.0)
    assert config.installation.data == tmp_path / "data"
    assert config.database_url == f"sqlite+aiosqlite:///{tmp_path}/data/samrum.db"
    assert config.kek_file == tmp_path / "data" / "kek"


def test_relative_paths_are_relative_to_the_file_and_absolute_ones_stay(tmp_path: Path) -> None:
    absolute = tmp_path / "elsewhere" / "kek"

    config = loaded(tmp_path, LEAST + f'[installation]\ndata = "var"\n[keys]\nkek_file = "{absolute}"\n')

    assert config.installation.data == tmp_path / "var"
    assert config.kek_file == absolute


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LEAST + "homserver = 1\n", "matrix.homserver: unknown key (did you mean homeserver?)"),
        (LEAST + "[weeb]\nport = 1\n", "weeb: unknown section (did you mean web?)"),
        (LEAST + "[gathering]\nqqq = 1\n", "gathering.qqq: unknown key (known: edits, joins, keys)"),
        ("", "matrix: is missing"),
        ('[matrix]\nuser = "@samrum:example.org"\n', "matrix.homeserver: is missing"),
        (LEAST + '[keys]\nkek_file = "a"\nkek_env = "B"\n', "keys: give only one of kek_file and kek_env"),
        (LEAST + 'password_file = "a"\npassword_env = "B"\n', "matrix: give only one of password_file and password_env"),
        (LEAST + MAIL + 'user = "samrum"\n', "mail: user and password (password_file or password_env) belong together"),
        (LEAST + MAIL + 'security = "none"\n', 'mail: security = "none" is only for a mail server on this machine'),
        (
            LEAST + MAIL.replace("samrum@", "Samrum <samrum@"),
            "mail.sender: must be a bare e-mail address such as samrum@example.org",
        ),
        (
            LEAST + '[web]\nhost = "0.0.0.0"\n',
            "web.host: must be a loopback address such as 127.0.0.1: put a reverse proxy in front of it",
        ),
        (LEAST + "[web]\nport = 0\n", "web.port: input should be greater than or equal to 1"),
        (
            LEAST + '[database]\nurl = "postgresql+asyncpg://samrum:hunter2@db/samrum"\n',
            "database.url: must not hold a password: let the driver read it from its own file or environment variable",
        ),
        (
            LEAST + '[database]\nurl = "samrum.db"\n',
            "database.url: must be a database URL such as sqlite+aiosqlite:///data/samrum.db",
        ),
        (LEAST + 'trust = "all"\n', "matrix.trust: input should be 'cross-signed' or 'tofu'"),
    ],
)
def test_each_mistake_is_one_line_with_its_path(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == (problem,)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, LEAST + '[web]\nport = "x"\nhots = 1\n')

    assert {problem.split(":")[0] for problem in found} == {"web.port", "web.hots"}


def test_a_wrong_value_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    assert "hunter2" not in "".join(problems(tmp_path, LEAST + 'device = "d"\npassword = "hunter2"\n'))


def test_a_file_that_is_not_there_or_not_toml_is_told_with_its_name(tmp_path: Path) -> None:
    assert "config.toml: is not TOML" in problems(tmp_path, "[matrix")[0]
    with pytest.raises(ConfigurationError, match=r"missing\.toml: cannot be read"):
        load(tmp_path / "missing.toml", {})


def test_the_environment_overrides_and_completes_the_file(tmp_path: Path) -> None:
    environ = {"SAMRUM_MATRIX__TRUST": "tofu", "SAMRUM_WEB__PORT": "8451", "SAMRUM_MAIL_PASSWORD": "x", "MATRIX__USER": "y"}

    config = loaded(tmp_path, LEAST, environ)

    assert config.matrix.trust == "tofu"
    assert config.matrix.user == "@samrum:example.org"
    assert config.web.port == 8451


def test_a_mistyped_override_is_an_error_too(tmp_path: Path) -> None:
    assert problems(tmp_path, LEAST, {"SAMRUM_WEB__PROT": "1"}) == ("web.prot: unknown key (did you mean port?)",)
    assert problems(tmp_path, "web = 1\n" + LEAST, {"SAMRUM_WEB__PORT": "1"})[0].startswith("web: ")


@pytest.mark.parametrize("url", ["", '[database]\nurl = "postgresql+asyncpg://samrum@db/samrum"\n'])
def test_the_url_of_the_database_tells_whether_it_is_sqlite(tmp_path: Path, url: str) -> None:
    config = loaded(tmp_path, LEAST + url)

    assert config.on_sqlite == (not url)


def test_another_driver_is_refused_by_name(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, LEAST + '[database]\nurl = "postgresql+psycopg://samrum@db/samrum"\n')

    assert problem == "database.url: must begin with sqlite+aiosqlite or postgresql+asyncpg"


def test_a_followed_clock_gives_its_url(tmp_path: Path) -> None:
    config = loaded(tmp_path, LEAST + '[clock]\nsource = "follow:http://127.0.0.1:8449/clock"\n')

    assert config.followed == "http://127.0.0.1:8449/clock"


def test_a_kek_from_elsewhere_needs_no_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, LEAST + '[keys]\nkek_env = "KEK"\n').kek_file is None
    assert loaded(tmp_path, LEAST + '[keys]\nkek_command = ["pass", "show", "kek"]\n').kek_file is None
