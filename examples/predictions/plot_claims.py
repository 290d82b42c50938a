"""
How many claims, at what cost?
==============================

Insurers need rates: claims per year of a policy, of which most have none, and their cost.  The
model of a country with few policies starts from that of another country.  The losses have a log
link, and each policy has an exposure.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sktransfer import TransferMLPRegressor
from sktransfer.inspection import MemberWeightsDisplay


def policies(n, level, young, seed):
    """Policies of a country, drawn at random: so that their true rate is known."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.uniform(18, 85, n),
            "power": rng.gamma(6, 12, n),
            "density": rng.lognormal(5, 1.5, n),
            "fuel": rng.choice(["petrol", "diesel"], n),
        }
    )
    rate = np.exp(
        level
        + young * np.exp(-(X["age"] - 18) / 10)
        + 0.004 * X["power"]
        + 0.15 * np.log(X["density"])
        + 0.2 * (X["fuel"] == "diesel")
    ).to_numpy()
    years = rng.uniform(0.1, 1.0, n)
    return X, rng.poisson(years * rate), years, rate


X_old, claims_old, years_old, _ = policies(8000, -2.8, 1.4, seed=0)
X_new, claims_new, years_new, rate_new = policies(5000, -2.4, 2.0, seed=1)
few, others = slice(0, 400), slice(400, None)
print(f"{(claims_new[few] == 0).mean():.0%} of the 400 policies have had no claim")

# %%
# Claims are counts, so ``loss="poisson"``; ``exposure`` is the time for which each policy was
# insured.  ``predict`` gives the rate, claims per year, and with an exposure the expected number.

source = TransferMLPRegressor("poisson", random_state=0)
source.fit(X_old, claims_old, exposure=years_old)

target = TransferMLPRegressor("poisson", source=source, random_state=0)
target.fit(X_new[few], claims_new[few], exposure=years_new[few])
alone = TransferMLPRegressor("poisson", strategy="ensemble", random_state=0)
alone.fit(X_new[few], claims_new[few], exposure=years_new[few])

expected = target.predict(X_new[others], exposure=years_new[others])
print(f"claims expected {expected.sum():.0f}, reported {claims_new[others].sum()}")

# %%
# ``score`` is D², the share of the deviance that is explained.  Of counts as rare as claims most
# of the deviance is chance: even the true rate explains little of it.


def explained(rate):
    """D² of rates on the other policies."""
    y, e = claims_new[others] / years_new[others], years_new[others]

    def deviance(mean):
        logs = np.where(y > 0, y * np.log(np.maximum(y, 1e-12) / mean), 0.0)
        return np.average(logs - y + mean, weights=e)

    return 1 - deviance(rate) / deviance(np.average(y, weights=e))


for name, model in {"from scratch": alone, "from the other country": target}.items():
    d2 = model.score(X_new[others], claims_new[others], exposure=years_new[others])
    print(f"{name:24s} D² {d2:.3f}")
print(f"{'the true rate':24s} D² {explained(rate_new[others]):.3f}")

# %%
# How many claims may a policy have in the time that it is insured?  The interval follows the
# exposure, as a count over a year varies more than one over a month.

lower, upper = target.predict_interval(X_new[others], exposure=years_new[others], coverage=0.9).T
covered = (claims_new[others] >= lower) & (claims_new[others] <= upper)
short = years_new[others] < 0.4
print(f"covered: {covered[short].mean():.0%} up to 0.4 years, {covered[~short].mean():.0%} beyond")
print(f"mean width: {(upper - lower)[short].mean():.2f} and {(upper - lower)[~short].mean():.2f}")

# %%
# A lift chart: policies in ten groups of equal size, by the predicted rate.  A good model
# separates the groups, and its predictions agree with the true rates.

_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, model in {"from scratch": alone, "from the other country": target}.items():
    predicted = model.predict(X_new[others])
    group = np.argsort(np.argsort(predicted)) * 10 // len(predicted)
    true = [rate_new[others][group == k].mean() for k in range(10)]
    ax.plot(range(1, 11), true, "o-", label=f"true rate, ordered {name}")
    if model is target:
        said = [predicted[group == k].mean() for k in range(10)]
        ax.plot(range(1, 11), said, "k--", label="predicted from the other country")
ax.set(xlabel="tenth of the policies, by predicted rate", ylabel="claims per year")
ax.legend()
plt.show()

# %%
# The members of the ensemble, with and without the source, weighted by their deviance on held-out
# policies.

MemberWeightsDisplay.from_estimator(target)
plt.show()

# %%
# The cost of a policy is 0 for most of them and large for a few: ``loss="tweedie"``.  A bad year
# that is exceeded once in ten is a quantile, of which there is no rate and no exposure.

rng = np.random.default_rng(2)
cost = np.array([rng.gamma(1.5 * k, 900.0) if k else 0.0 for k in claims_new])
premium = TransferMLPRegressor("tweedie", power=1.5, strategy="ensemble", random_state=0)
premium.fit(X_new[few], cost[few], exposure=years_new[few])
for age in (20, 45):
    row = pd.DataFrame({"age": [age], "power": [80.0], "density": [150.0], "fuel": ["petrol"]})
    print(f"pure premium at the age of {age}: {premium.predict(row)[0]:.0f} a year")
