"""DinDin on one machine: data servers from wheels, the API, a worker and the cron under one supervisor."""
