<?php
// copy.php SIZE ITERATIONS MILLIS: shmop_write, then shmop_read, through one block.
[, $size, $iterations, $millis] = array_map('intval', $argv);
$key = random_int(1, 0x7fffffff);
$block = shmop_open($key, 'n', 0600, $size);
if ($block === false) {
    exit(1);
}
shmop_delete($block);
$in = random_bytes($size);

$batch = 1;
for (;;) {
    $start = hrtime(true);
    for ($k = 0; $k < $batch; $k++) {
        shmop_write($block, $in, 0);
        $out = shmop_read($block, 0, $size);
    }
    if (hrtime(true) - $start > 100000) {
        break;
    }
    $batch *= 2;
}
$values = [];
for ($i = 0; $i < $iterations; $i++) {
    $operations = 0;
    $start = hrtime(true);
    do {
        for ($k = 0; $k < $batch; $k++) {
            shmop_write($block, $in, 0);
            $out = shmop_read($block, 0, $size);
        }
        $operations += $batch;
        $end = hrtime(true);
    } while ($end - $start < $millis * 1000000);
    $values[] = ($end - $start) / $operations;
}
if ($out !== $in) {
    fwrite(STDERR, "what was read is not what was written\n");
    exit(1);
}
echo json_encode(['tool' => 'PHP', 'name' => 'writeThenRead', 'size' => $size, 'unit' => 'ns/op', 'values' => $values]), "\n";
