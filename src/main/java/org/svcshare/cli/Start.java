package org.svcshare.cli;

import java.util.OptionalInt;

/// Where the program begins: what is asked often is answered before the parser is loaded.
public final class Start {
    private Start() {}

    public static void main(String[] args) {
        int code = execute(args, Surroundings.ofProcess());
        System.out.flush();
        System.err.flush();
        System.exit(code);
    }

    static int execute(String[] args, Surroundings surroundings) {
        OptionalInt quick = Quick.answer(args, surroundings);
        return quick.isPresent() ? quick.getAsInt() : Main.execute(args, surroundings);
    }
}
