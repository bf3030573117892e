package org.svcshare.spawn;

import java.util.List;

/// Who logged in; texts that are not known are empty.
record Person(String uid, String firstName, String lastName, String email, List<String> groups) {
    Person {
        groups = List.copyOf(groups);
    }

    static Person named(String uid) {
        return new Person(uid, "", "", "", List.of());
    }
}
