"""Makes panel.csv and, with `wild` after the name, the wild bootstraps of the package wildboottest.

    python make.py                   # panel.csv: 24 cities in 6 provinces, 8 years, some missing
    python make.py wild              # wild.csv: wildboottest 0.3.2, statsmodels 0.15.0
    python make.py conley            # conley.csv: spreg 1.9.0 (PySAL)
    Rscript make.R                   # expected.csv: clubSandwich 0.5.8, sandwich 3.0-2, plm 2.6-2, R 4.2.2

None of these programs is needed to run the tests.
"""

import sys

import numpy as np
import pandas as pd

CITIES, YEARS, PROVINCES = 24, 8, 6


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    city, year = np.repeat(np.arange(CITIES), YEARS), np.tile(np.arange(YEARS), CITIES)
    province = np.minimum(city // 3, PROVINCES - 1)  # the last has nine cities
    first = rng.choice([3, 5, 99], CITIES)[city]
    shock = rng.normal(size=(PROVINCES, YEARS))[province, year]
    control = 0.5 * rng.normal(size=CITIES)[city] + rng.normal(size=len(city)) + 0.5 * shock
    did = (year >= first).astype(int)
    y = did + 0.5 * control + rng.normal(size=CITIES)[city] + shock + rng.normal(size=len(city))
    longitude = 100 + 4 * province + rng.uniform(0, 3, CITIES)[city]
    latitude = 25 + rng.uniform(0, 10, CITIES)[city]
    rows = pd.DataFrame(
        {
            "city": city, "year": year, "province": province, "y": y.round(4), "did": did,
            "control": control.round(4), "longitude": longitude.round(2), "latitude": latitude.round(2),
        }
    )  # fmt: skip
    return rows[rng.random(len(rows)) > 0.06]


def wild(rows: pd.DataFrame) -> pd.DataFrame:
    import statsmodels.formula.api as smf
    from wildboottest.wildboottest import wildboottest

    formulas = {
        "pooled": "y ~ did + control",
        "city": "y ~ did + control + C(city)",
        "both": "y ~ did + control + C(city) + C(year)",
    }
    found = []
    for effects, formula in formulas.items():
        # 2^6 sets of signs: enumerated, so that no random number decides.
        made = wildboottest(
            smf.ols(formula, data=rows), param="did", cluster=rows["province"], B=9999,
            weights_type="rademacher", impose_null=True, bootstrap_type="11", seed=1,
        )  # fmt: skip
        found.append((effects, float(made["statistic"].iloc[0]), float(made["p-value"].iloc[0])))
    return pd.DataFrame(found, columns=["effects", "t", "p"])


def conley(rows: pd.DataFrame) -> pd.DataFrame:
    """Errors by distance on dummies written out; any two rows weigh by a triangle of 500 km."""
    from libpysal.weights import Kernel
    from spreg import OLS

    weights = Kernel(
        rows[["longitude", "latitude"]].to_numpy(), bandwidth=500.0, fixed=True, function="triangular",
        diagonal=True, distance_metric="Arc", radius=6371.0088, k=len(rows) - 1,
    )  # fmt: skip
    found = []
    for effects, names in {"pooled": [], "both": ["city", "year"]}.items():
        own = [pd.get_dummies(rows[name], prefix=name, drop_first=True) for name in names]
        x = pd.concat([rows[["did", "control"]], *own], axis=1).astype(float)
        made = OLS(rows[["y"]].to_numpy(), x.to_numpy(), robust="hac", gwk=weights)
        found.append((effects, *made.std_err[1:3]))
    return pd.DataFrame(found, columns=["effects", "did", "control"])


if __name__ == "__main__":
    if "conley" in sys.argv:
        conley(pd.read_csv("panel.csv")).to_csv("conley.csv", index=False)
    elif "wild" in sys.argv:
        wild(pd.read_csv("panel.csv")).to_csv("wild.csv", index=False)
    else:
        panel().to_csv("panel.csv", index=False)
