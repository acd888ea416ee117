"""The processes behind the API: an RQ worker and an RQ cron. They call backend services, never the other way round."""
