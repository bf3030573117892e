package org.svcshare.config;

import java.net.URI;

/// The reporter of svcshare 0.3: a form posted whenever the last connection ends.
public record ReporterSettings(URI url, Secret key) {}
