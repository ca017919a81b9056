select
    to_json({
        'vintage': vintage, 'kind': data_kind, 'code': code_version, 'fingerprint': fingerprint,
        'files': files_loaded, 'cells': cells_read
    })::varchar as body
from marts.dataset_version
