"""After-hours announcements (R44 to R46): calendars, and what callers hear while closed."""
