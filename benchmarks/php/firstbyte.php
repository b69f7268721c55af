<?php
// The whole life of a block, down to the first byte read back, as one short process.
$block = shmop_open(random_int(1, 0x7fffffff), 'n', 0600, 1024);
if ($block === false) {
    exit(1);
}
shmop_write($block, '!', 0);
echo shmop_read($block, 0, 1);
shmop_delete($block);
