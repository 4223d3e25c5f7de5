/* The least that a program in a terminal does for a key: shows it. Ctrl-U clears the line. */
process.stdin.setRawMode(true)
process.stdin.on('data', (data) => process.stdout.write(data[0] === 0x15 ? '\r\u001b[2K› ' : data))
process.stdout.write('› ')
