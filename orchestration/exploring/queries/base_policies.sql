select to_json(list({ 'id': policy_id, 'zh': name_zh, 'en': name_en } order by policy_id))::varchar as body
from seed.policy
