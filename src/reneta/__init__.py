"""RENETA co-design toolkit: the import root of the top-level folders (`reneta.golden` is `golden/`, ...)."""
