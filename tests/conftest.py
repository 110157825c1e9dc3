"""What all tests share: property tests are judged by what they find, not by the load."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "daihyo",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("daihyo")
