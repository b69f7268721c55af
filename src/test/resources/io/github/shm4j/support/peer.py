import sys
import sysv_ipc

names = {"sysv_ipc": sysv_ipc}
for line in sys.stdin:
    try:
        answer = str(eval(bytes.fromhex(line.strip()).decode(), names))
    except Exception as thrown:
        answer = type(thrown).__name__ + ": " + str(thrown)
    print(answer.encode().hex(), flush=True)
