/// Histories of what clients of a lock saw, and whether a lock can explain them.
@NullMarked
package org.svcshare.history;

import org.jspecify.annotations.NullMarked;
