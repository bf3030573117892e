package org.svcshare.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One hook: a program to run or a URL to post to when something happens.
///
/// @param on names of happenings and of events of the group, for instance `turn-granted`; `*` for
///   all but rounds and questions; `query:NAME` for a question that the program answers
/// @param prefix of events about a key only those whose key begins so; empty: all
/// @param run argument list; empty when `url` is set
public record HookSettings(
        List<String> on,
        String prefix,
        List<String> run,
        Optional<URI> url,
        Optional<Secret> secret,
        Duration timeout) {

    /// For keys of any name.
    public HookSettings(
            List<String> on,
            List<String> run,
            Optional<URI> url,
            Optional<Secret> secret,
            Duration timeout) {
        this(on, "", run, url, secret, timeout);
    }

    /// Whether events about keys are among what it hears.
    public boolean hearsKeys() {
        return on.stream().anyMatch(name -> name.equals("*") || GroupEventNames.ofKey(name));
    }

    /// The questions that it answers.
    public List<String> answers() {
        return on.stream()
                .filter(name -> name.startsWith(GroupEventNames.QUERY))
                .map(name -> name.substring(GroupEventNames.QUERY.length()))
                .toList();
    }
}
