"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

import sys

from backend.app import create_app
from backend.config import SettingsError

try:
    app = create_app()
except SettingsError as wrong:
    sys.exit(str(wrong))
