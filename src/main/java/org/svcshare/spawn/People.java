package org.svcshare.spawn;

import java.util.function.Consumer;
import org.svcshare.config.Secret;

/// Who may log in.
interface People {
    /// @param name not empty
    /// @param password not empty
    /// @param then called once, on any thread
    void login(String name, Secret password, Consumer<Verdict> then);

    sealed interface Verdict {
        record Known(Person person) implements Verdict {}

        /// Nobody of this name has this password.
        record Unknown() implements Verdict {}

        /// It could not be found out.
        ///
        /// @param why for people; nothing of the name and the password
        record Away(String why) implements Verdict {}
    }

    /// Everybody, under any name.
    People GUESTS = (name, _, then) -> then.accept(new Verdict.Known(Person.named(name)));

    People NOBODY = (_, _, then) -> then.accept(new Verdict.Unknown());
}
