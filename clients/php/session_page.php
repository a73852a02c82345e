<?php
// A page that counts its visits in a session. It is given the session's id, for how many visits to come, and whether to wait
// for a line of its input before it ends each of them. It prints what it sees, in JSON, and what PHP complains of.

[, $id, $visits, $waits] = $argv;
set_error_handler(function ($level, $message) {
    say('complaint', $message);
    return true;
});

function say($what, $value)
{
    fwrite(STDOUT, json_encode([$what => $value]) . "\n"); // echo would send headers, and then the id could not change
}

for ($i = 0; $i < $visits; $i++) {
    session_id($id);
    if (!session_start()) {
        exit;
    }
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    $_SESSION['note'] ??= ['text' => "ä\0\r\n", 'list' => [1, 2.5, null, true]];
    say('session', $_SESSION);
    $order = $waits ? trim(fgets(STDIN)) : '';
    if ($order === 'new id') {
        say('regenerated', session_regenerate_id(true));
        $id = session_id();
        say('id', $id);
    }
    say('ended', $order === 'destroy' ? session_destroy() : session_write_close());
}
