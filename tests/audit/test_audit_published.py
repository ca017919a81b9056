"""What the auditor finds in Zhu and Chen (2025), and that it finds nothing in correct published tables."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from analysis.audit import CONTRADICTION, audit, read_tables

LABELS = """table,column,statistic,value
2,1,effects,none
2,2,effects,none
2,3,effects,time
2,4,effects,city
2,5,effects,city+time
2,5,model,baseline
7,1,split,region
7,2,split,region
7,3,split,region
7,4,split,size
7,5,split,size
text,sample,n,3990
text,sample,cities,287
text,sample,years,12
text,placebo,model,baseline
"""
"""What the paper's labels and text say, beside its numbers: effects, divisions, cities and years."""

TEXT = "table,column,term,estimate\ntext,placebo,did,0.213\n"

PAPER = (
    "estimates.csv",
    "fit_statistics.csv",
    "table1_index_system.csv",
    "table5_threshold_tests.csv",
)

FOUND = {
    "stars_of_t": 1,  # table 6: 1.89 without a star
    "error_for_t": 1,  # table 6: 0.178961
    "lost_digits": 8,  # industrialisation, .000 at t = 7
    "n_of_cities_and_years": 1,  # 287 x 12
    "n_of_balanced_panel": 2,  # 3,963 and 1,986
    "groups_make_the_whole": 2,  # 3,962 by region and by size
    "columns_alike": 2,  # table 4, columns 2 and 4, 3 and 5
    "effects_add_up": 1,  # table 2, columns 3 and 4
    "same_model": 1,  # .213 in the text
    "weights_add_up": 1,  # .992
}


def test_paper(shared_dir: Path, tmp_path: Path) -> None:
    """All facts of its README that numbers can show, and no other."""
    files = [shared_dir / "paper" / name for name in PAPER]
    for name, text in (("labels.csv", LABELS), ("text.csv", TEXT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        files.append(tmp_path / name)
    found = audit(read_tables(files))
    assert Counter(finding.rule for finding in found) == FOUND
    (weights,) = [finding for finding in found if finding.rule == "weights_add_up"]
    assert weights.size == pytest.approx(0.0005)
    alike = [finding.cells for finding in found if finding.rule == "columns_alike"]
    assert alike == [
        ("table 4, column 2", "table 4, column 4"),
        ("table 4, column 3", "table 4, column 5"),
    ]
    (error,) = [finding for finding in found if finding.rule == "error_for_t"]
    assert error.severity == CONTRADICTION
    assert "t = -3.89" in error.printed


ACEMOGLU = """,MRW 1985,Updated data 1985,Updated data 2000
ln(s),1.42,1.01,1.22
,(.14),(.11),(.13)
ln(n+g+d),-1.97,-1.12,-1.31
,(.56),(.55),(.36)
Observations,98,98,107
"""
"""Acemoglu, Introduction to Modern Economic Growth (2009), Table 3.1, the basic Solow model; errors in brackets.

Its first column is that of Mankiw, Romer and Weil (1992).
"""

WOOLDRIDGE = """,Pooled OLS,Random effects,Fixed effects
educ,.091,.092,
,(.005),(.011),
black,-.139,-.139,
,(.024),(.048),
hispan,.016,.022,
,(.021),(.043),
exper,.067,.106,
,(.014),(.015),
exper2,-.0024,-.0047,-.0052
,(.0008),(.0007),(.0007)
married,.108,.064,.047
,(.016),(.017),(.018)
union,.182,.106,.080
,(.017),(.018),(.019)
Observations,4360,4360,4360
"""
"""Wooldridge, Introductory Econometrics, Table 14.2 (wages of Vella and Verbeek 1998), which his data give."""


def test_the_wage_table_is_what_its_data_give() -> None:
    """Coefficients and conventional errors of linearmodels' own copy of the data, to the printed digits."""
    from linearmodels.datasets import wage_panel
    from linearmodels.panel import PanelOLS, PooledOLS, RandomEffects

    data = wage_panel.load().rename(columns={"hisp": "hispan", "expersq": "exper2"})
    years = [f"y{year}" for year in range(1981, 1988)]
    data = data.assign(
        **{name: (data["year"] == int(name[1:])).astype(float) for name in years}, const=1.0
    )
    data = data.set_index(["nr", "year"])
    lines = [line.split(",") for line in WOOLDRIDGE.splitlines()[1:-1]]
    printed = {
        name: (beside, below)
        for (name, *beside), (_, *below) in zip(lines[::2], lines[1::2], strict=True)
    }
    everywhere = ["const", *printed, *years]
    within = [name for name in printed if printed[name][0][2]]
    fits = [
        PooledOLS(data["lwage"], data[everywhere]).fit(),
        RandomEffects(data["lwage"], data[everywhere]).fit(),
        PanelOLS(data["lwage"], data[[*within, *years]], entity_effects=True).fit(),
    ]
    for j, fit in enumerate(fits):
        for name, (beside, below) in printed.items():
            if beside[j]:
                half = 0.5000001 * 10.0 ** -len(beside[j].split(".")[1])
                assert abs(fit.params[name] - float(beside[j])) <= half, (j, name)
                assert abs(fit.std_errors[name] - float(below[j].strip("()"))) <= half, (j, name)


@pytest.mark.parametrize("text", [ACEMOGLU, WOOLDRIDGE])
def test_correct_published_tables(text: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    tables = read_tables([table])
    assert sum(len(column.cells) for column in tables.columns) >= 6
    assert audit(tables) == []


def test_hansens_own_output(shared_dir: Path, tmp_path: Path) -> None:
    """The printed output of Hansen (1999): slopes with errors, p values of 300 draws."""
    text = (shared_dir / "reference" / "ref_hansen1999_gauss_thresh.out").read_text(
        encoding="utf-8"
    )
    slopes = re.findall(r"^ +(-?[\d.e+-]+) +([\d.e+-]+) +([\d.e+-]+) *$", text, re.MULTILINE)
    draws = re.findall(r"replications +([\d.]+)", text)
    p_values = re.findall(r"p-value +([\d.e+-]+)", text)
    assert len(slopes) >= 14
    assert len(draws) == len(p_values) == 3
    slope_file, test_file = tmp_path / "slopes.csv", tmp_path / "tests.csv"
    slope_file.write_text(
        "table,column,term,estimate,std_error\n"
        + "".join(f"1,a,x{i},{b},{error}\n" for i, (b, error, _) in enumerate(slopes)),
        encoding="utf-8",
    )
    test_file.write_text(
        "p_value,bootstrap_draws\n"
        + "".join(f"{p},{float(n):.0f}\n" for p, n in zip(p_values, draws, strict=True)),
        encoding="utf-8",
    )
    assert audit(read_tables([slope_file, test_file])) == []
