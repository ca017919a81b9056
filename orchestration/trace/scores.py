"""How scores are made: indices of weighted components, efficiency and productivity of a model's terms.

Belongs here: what a score was computed of, with weights and reference units. Does not belong here:
the figures below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound
from orchestration.trace.number import Key, Made, Part, row, rows

INDEX = """
select definition.*, score.score, score.rank, score.components, score.components_present,
    score.index_id is not null as is_covered
from seed.index_definition as definition
left join marts.index_score as score
    on score.index_id = definition.index_id and score.city_code = $2 and score.year = $3
where definition.index_id = $1
"""

DIMENSIONS = """
select dimension, score, weight, contribution
from marts.index_dimension_score
where index_id = ? and city_code = ? and year = ?
order by dimension
"""

COMPONENTS = """
select component.indicator_code, component.scope, component.direction,
    case
        when $4 = '' then weight.weight
        when part.share > 1e-12 then weight.weight / part.share
        when part.share is not null then 1.0 / part.components
    end as weight,
    case
        when definition.scaling <> 'z_score' then list_extract(scaled.scaled, place.position)
        when statistic.maximum = statistic.minimum then 0
        else (
            list_extract(scaled.scaled, place.position) * (statistic.maximum - statistic.minimum)
            + statistic.minimum - statistic.mean
        ) / statistic.deviation
    end as scaled,
    -- Where less is better figures were turned before they were scaled: here they are turned back.
    statistic.minimum * turned.sign as worst,
    statistic.maximum * turned.sign as best,
    statistic.mean * turned.sign as mean,
    statistic.deviation
from seed.index_definition as definition
inner join seed.index_component as component
    on component.index_id = coalesce(definition.components_of, definition.index_id)
inner join (values ('+', 1), ('-', -1)) as turned (direction, sign)
    on turned.direction = component.direction
left join intermediate.int_index__component as place
    on place.index_id = definition.index_id and place.indicator_code = component.indicator_code
    and place.scope = component.scope
left join intermediate.int_index__scaled as scaled
    on scaled.frame_number = place.frame_number and scaled.city_code = $2 and scaled.year = $3
left join intermediate.int_index__part as part
    on part.index_id = definition.index_id and part.period = scaled.period
    and coalesce(part.dimension, '') = $4
left join intermediate.int_index__statistic as statistic
    on statistic.frame_number = place.frame_number and statistic.period = scaled.period
    and statistic.position = place.position
left join marts.index_weight as weight
    on weight.index_id = definition.index_id and weight.period = scaled.period
    and weight.indicator_code = component.indicator_code
where definition.index_id = $1 and ($4 = '' or component.dimension = $4)
order by weight.weight desc nulls last, component.indicator_code
"""

MODEL = """
select model.name_en, model.name_zh, variant.*, status.status as model_status,
    status.reason as model_reason
from seed.efficiency_variant as variant
inner join seed.efficiency_model as model using (model_id)
left join marts.efficiency_status as status using (model_id)
where variant.model_id = ? and variant.variant = ?
"""

EFFICIENCY = """
select score, rank, returns_to_scale, status, reason, units_compared
from marts.efficiency_score
where model_id = ? and variant = ? and city_code = ? and year = ?
"""

TERMS = """
select term.role, term.term, term.kind, term.code, coalesce(term.scope, 'total') as scope,
    term.dimension, target.target
from seed.efficiency_term as term
left join marts.efficiency_target as target
    on target.model_id = term.model_id and target.term = term.term
    and target.variant = $2 and target.city_code = $3 and target.year = $4
where term.model_id = $1
order by array_position(['input', 'output', 'undesirable'], term.role), term.term
"""

RATIO_OF = """
select variant
from seed.efficiency_variant
where model_id = ? and orientation = ? and frontier = ? and method = 'radial'
    and returns in ('crs', 'vrs')
order by returns
"""

PEERS = """
select city.name_zh, peer.peer_year, peer.weight
from marts.efficiency_peer as peer
inner join seed.city as city on city.city_code = peer.peer_city_code
where peer.model_id = ? and peer.variant = ? and peer.city_code = ? and peer.year = ?
order by peer.position
"""

PRODUCTIVITY = """
select year, year_from, productivity, efficiency_change, technical_change, cumulated, rank,
    cumulated_rank, status, reason
from marts.productivity
where model_id = $1 and variant = $2 and city_code = $3 and year <= $4
order by year
"""

RETURNS = {"crs": "constant", "vrs": "variable", "nirs": "non-increasing", "ndrs": "non-decreasing"}


# ---- indices


def index(connection: Warehouse, key: Key) -> Made:
    """An index (`key.name`), or one of its dimensions (`key.part`), and its weighted components."""
    found = row(connection, INDEX, key.name, key.city_code, key.year)
    if found is None:
        raise NotFound(f"no index {key.name!r} in seed.index_definition")
    parts = tuple(_components(connection, key, found.scaling))
    dimensions = rows(connection, DIMENSIONS, key.name, key.city_code, key.year)
    if key.part:
        value = next((of.score for of in dimensions if of.dimension == key.part), None)
        place = ""
    else:
        value, place = found.score, f", rank {found.rank} of {key.year}"
    told = (
        _no_score(key, found)
        if value is None
        else f"{value:.10g}{place}, of {len(parts)} component{'' if len(parts) == 1 else 's'}"
    )
    steps: list[str | Part] = [_way_of(found), *parts]
    if dimensions and not key.part and value is not None:
        steps.append(
            f"by dimension (each traced as {key.name}.{dimensions[0].dimension}): "
            + ", ".join(f"{of.dimension} {of.score:.4f} x {of.weight:.4f}" for of in dimensions)
        )
    return Made(value, told, tuple(steps))


def _way_of(definition: SimpleNamespace) -> str:
    """How components become a score, in words."""
    period = {
        "pooled": "all years",
        "per_year": "the year",
        "base": f"{definition.base_year_from} to {definition.base_year_to}",
    }[definition.period]
    weights = {"principal_component": "principal-component"}.get(
        definition.weighting, definition.weighting
    )
    if definition.aggregation == "topsis":
        return (
            f"closeness to the ideal under {weights} weights (TOPSIS) of vector-normalised figures;"
            f" scaled: 0 worst to 1 best of {period}"
        )
    scaled = "z-score against" if definition.scaling == "z_score" else "0 worst to 1 best of"
    return f"sum of {weights} weight x scaled figure; scaled: {scaled} {period}"


def _components(connection: Warehouse, key: Key, scaling: str) -> Iterator[Part]:
    for of in rows(connection, COMPONENTS, key.name, key.city_code, key.year, key.part):
        label = f"{of.direction} {of.indicator_code} ({of.scope})"
        if of.weight is not None:
            label += f", weight {of.weight:.4f}"
        if of.scaled is not None and of.scaled == of.scaled:  # NaN stands for a missing figure
            label += (
                f", z-score {of.scaled:.4f} of mean {of.mean:.6g}, deviation {of.deviation:.6g}"
                if scaling == "z_score"
                else f", scaled {of.scaled:.4f} of {of.worst:.6g} to {of.best:.6g}"
            )
        yield Part(label, Key(key.city_code, key.year, "figure", of.indicator_code, of.scope))


def _no_score(key: Key, found: SimpleNamespace) -> str:
    if found.is_covered and found.components_present < found.components:
        return f"no score: {found.components_present} of {found.components} components are there"
    if found.is_covered:
        return "no score of this dimension: see marts.index_dimension_score"
    who = (
        "cities that are of prefecture level at the end of every year"
        if found.population == "continuing"
        else "all cities"
    )
    return (
        f"no score of {key.name} for {key.city_code} in {key.year}: it covers {who}, and an index with"
        " a component that nobody has is left out"
    )


# ---- efficiency and productivity


def efficiency(connection: Warehouse, key: Key) -> Made:
    """A score of marts.efficiency_score: model `key.name`, variant `key.part`."""
    model = _model(connection, key)
    found = row(connection, EFFICIENCY, key.name, key.part, key.city_code, key.year)
    steps: list[str | Part] = [*_declared(model, found.units_compared if found else None)]
    if model.method == "scale":
        steps += _ratio(connection, key, model)
    else:
        steps += _terms(connection, key, key.year)
        steps += _peers(connection, key, model)
    if found is None:
        return Made(None, _not_measured(key, model), tuple(steps))
    if found.score is None:
        return Made(None, f"no score: {found.reason}", tuple(steps))
    told = f"{found.score:.10g}, rank {found.rank} of {key.year}"
    if found.returns_to_scale:
        told += f", {found.returns_to_scale} returns to scale"
    return Made(found.score, told, tuple(steps))


def productivity(connection: Warehouse, key: Key) -> Made:
    """A Malmquist index of marts.productivity: model `key.name`, variant `key.part`."""
    model = _model(connection, key)
    series = _series(connection, key)
    found = next((of for of in series if of.year == key.year), None)
    steps: list[str | Part] = [*_declared(model, None)]
    if found is None:
        steps += _terms(connection, key, key.year)
        return Made(None, _not_measured(key, model), tuple(steps))
    if found.efficiency_change is not None and found.technical_change is not None:
        steps.append(
            f"efficiency change {found.efficiency_change:.10g} x technical change"
            f" {found.technical_change:.10g} since {found.year_from}"
        )
    for year in filter(None, (found.year_from, key.year)):
        steps += _terms(connection, key, year, f"{year}, ")
    if found.productivity is None:
        return Made(None, f"no index: {found.reason}", tuple(steps))
    return Made(
        found.productivity,
        f"{found.productivity:.10g}, rank {found.rank} of {key.year}",
        tuple(steps),
    )


def cumulated(connection: Warehouse, key: Key) -> Made:
    """The product of the Malmquist indices since the first year of the data."""
    model = _model(connection, key)
    series = _series(connection, key)
    found = next((of for of in series if of.year == key.year), None)
    steps: list[str | Part] = [*_declared(model, None)]
    if series:
        steps.append(f"1 in {series[0].year}, times the index of each year since")
    steps += [
        Part(f"{of.year}", Key(key.city_code, of.year, "productivity", key.name, key.part))
        for of in series[1:]
    ]
    if found is None:
        return Made(None, _not_measured(key, model), tuple(steps))
    if found.cumulated is None:
        return Made(None, "no product: the index of a year is missing", tuple(steps))
    told = f"{found.cumulated:.10g}, rank {found.cumulated_rank} of {key.year}"
    return Made(found.cumulated, told, tuple(steps))


def _model(connection: Warehouse, key: Key) -> SimpleNamespace:
    found = row(connection, MODEL, key.name, key.part)
    if found is None:
        raise NotFound(f"no variant {key.part!r} of {key.name!r} in seed.efficiency_variant")
    return found


def _series(connection: Warehouse, key: Key) -> list[SimpleNamespace]:
    """The city's productivity up to the year."""
    return rows(connection, PRODUCTIVITY, key.name, key.part, key.city_code, key.year)


def _declared(model: SimpleNamespace, units: int | None) -> Iterator[str]:
    """What the seeds say of a variant."""
    yield f"model {model.model_id}: {model.name_en} ({model.name_zh})"
    said = [f"{model.method.replace('_', ' ')}"]
    if model.orientation != "none":
        said.append(f"{model.orientation}-oriented")
    if model.returns:
        said.append(f"{RETURNS[model.returns]} returns")
    frontier = {"pooled": "all years", "per_year": "each year by itself"}[model.frontier]
    said.append(f"frontier of {frontier}" + (f", {units:,} city-years" if units else ""))
    yield f"variant {model.variant}: {model.note} [{', '.join(said)}]"


def _terms(connection: Warehouse, key: Key, year: int, when: str = "") -> Iterator[Part]:
    """Inputs and outputs of a model in a year; with the target where the release keeps it."""
    for term in rows(connection, TERMS, key.name, key.part, key.city_code, year):
        kind, part, called = {
            "indicator": ("figure", term.scope, f"{term.code} ({term.scope})"),
            "index": ("index", "", f"index {term.code}"),
            "dimension": ("dimension", term.dimension, f"{term.code}.{term.dimension}"),
        }[term.kind]
        target = "" if term.target is None else f", target {term.target:.10g}"
        yield Part(
            f"{when}{term.role} {term.term}: {called}{target}",
            Key(key.city_code, year, kind, term.code, part),
        )


def _ratio(connection: Warehouse, key: Key, model: SimpleNamespace) -> Iterator[str | Part]:
    """Scale efficiency: the score under constant returns over that under variable ones."""
    found = rows(connection, RATIO_OF, key.name, model.orientation, model.frontier)
    if len(found) < 2:  # the model declares no variants of their own for both
        yield "constant over variable returns, of the same inputs and outputs:"
        yield from _terms(connection, key, key.year)
        return
    for position, of in zip(("numerator", "denominator"), found, strict=True):
        yield Part(
            f"{position}: efficiency_{key.name}_{of.variant}",
            Key(key.city_code, key.year, "efficiency", key.name, of.variant),
        )


def _peers(connection: Warehouse, key: Key, model: SimpleNamespace) -> Iterator[str]:
    found = rows(connection, PEERS, key.name, key.part, key.city_code, key.year)
    if found:
        yield "targets are the sum of: " + ", ".join(
            f"{peer.name_zh} {peer.peer_year} x {peer.weight:.4f}" for peer in found
        )
    elif not model.keeps_detail:
        yield "peers and targets are not kept for this variant (keeps_detail of seed.efficiency_variant)"


def _not_measured(key: Key, model: SimpleNamespace) -> str:
    why = (
        f"the model is left out of this release: {model.model_reason}"
        if model.model_reason
        else "no term of the model has a value there"
    )
    return f"not measured for {key.city_code} in {key.year}: {why}"
