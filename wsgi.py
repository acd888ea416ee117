"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

import sys

from backend.app import create_app
from backend.config import SettingsError
from backend.migrations.schema import NewerSchema

try:
    app = create_app()
except (SettingsError, NewerSchema) as wrong:
    sys.exit(str(wrong))
