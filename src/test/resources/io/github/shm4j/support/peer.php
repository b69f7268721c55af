set_error_handler(function ($level, $message) { $GLOBALS['warning'] = $message; return true; });
while (($line = fgets(STDIN)) !== false) {
    $warning = null;
    try {
        $answer = eval('return ' . hex2bin(trim($line)) . ';');
        $answer = is_string($answer) ? $answer : (is_object($answer) ? get_class($answer) : var_export($answer, true));
    } catch (Throwable $thrown) {
        $answer = get_class($thrown) . ': ' . $thrown->getMessage();
    }
    echo bin2hex($warning === null ? $answer : "$answer ($warning)"), "\n";
}
