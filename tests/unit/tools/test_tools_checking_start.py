import subprocess
import sys


def test_what_checks_mapping_files_loads_no_library_of_data():
    said = "import sys, cdisc.tools.checking as _; print(*sorted({*sys.modules} & set(sys.argv)))"
    heavy = ["pyarrow", "numpy", "pandas", "duckdb", "lxml", "jinja2", "lark"]

    ran = subprocess.run(
        [sys.executable, "-c", said, *heavy], capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == []
