package org.svcshare.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One hook: a program to run or a URL to post to when something happens.
///
/// @param on names of happenings, for instance `turn-granted`; `*` for all
/// @param run argument list; empty when `url` is set
public record HookSettings(
        List<String> on,
        List<String> run,
        Optional<URI> url,
        Optional<Secret> secret,
        Duration timeout) {}
