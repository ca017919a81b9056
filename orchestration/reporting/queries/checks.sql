select
    gate,
    rule_id,
    severity,
    success,
    applicable,
    observed,
    expected,
    reason
from release.check_result
order by rowid
