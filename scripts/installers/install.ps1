# Installs Caicaini Code for the user who runs it, without being administrator. Windows PowerShell 5.1 and 7:
#
#   irm @BASE_URL@/install.ps1 | iex
#
#   $env:CAICAINI_VERSION = '1.2.3'      that version, not the newest
#   $env:CAICAINI_INSTALL_DIR = 'DIR'    where the program goes   (%LOCALAPPDATA%\Programs\caicaini)
#   $env:CAICAINI_BIN_DIR = 'DIR'        where the command goes   (...\caicaini\bin)
#   $env:CAICAINI_NO_PATH = '1'          leaves the PATH alone
#
# It downloads an archive, its list of checksums and the list's signature, verifies both before anything of the
# archive is run or moved into place, and hands over to the program itself. Nothing happens before the last line.

function Install-Caicaini {
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue' # 5.1 draws its bar so often that downloads take ten times as long
  $baseUrl = '@BASE_URL@'
  $newest = '@VERSION@'
  # Who signs releases (Ed25519, SPKI in base64), and the runtime of each platform by its SHA-256.
  $publicKey = '@PUBLIC_KEY@'
  $runtimes = '@RUNTIMES@' -split ' '

  function Stop-Install([string] $why) { throw "caicaini: not installed: $why" }

  function Get-Sha256([string] $path) { (Get-FileHash -Algorithm SHA256 -LiteralPath $path).Hash.ToLowerInvariant() }

  # Proxies are those of the system.
  function Get-Release([string] $path, [string] $file, [string] $why) {
    try { Invoke-WebRequest -UseBasicParsing -Uri "$baseUrl/$path" -OutFile $file -TimeoutSec 600 }
    catch { Stop-Install "$why. $($_.Exception.Message)" }
  }

  # Keeps the PATH's kind: one with %variables% in it stays one (REG_EXPAND_SZ).
  function Add-ToUserPath([string] $folder) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $true)
    try {
      $asIs = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
      $path = [string] $key.GetValue('Path', '', $asIs)
      if (($path -split ';') -contains $folder) { return }
      $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
      if ($path -ne '') { $kind = $key.GetValueKind('Path') }
      $key.SetValue('Path', (@($folder) + @($path -split ';' | Where-Object { $_ -ne '' })) -join ';', $kind)
    } finally { $key.Close() }
    # Setting a variable by this call tells open windows to read them anew; it is taken away again.
    [Environment]::SetEnvironmentVariable('CAICAINI_PATH_CHANGED', '1', 'User')
    [Environment]::SetEnvironmentVariable('CAICAINI_PATH_CHANGED', $null, 'User')
    Write-Host "The folder was put on the PATH of your account (uninstall says how to take it out)"
  }

  if ($baseUrl -notmatch '^https?://') { Stop-Install 'this script was not fetched from a server: irm ADDRESS/install.ps1 | iex' }
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  $version = if ($env:CAICAINI_VERSION) { $env:CAICAINI_VERSION } else { $newest }
  if ($version -notmatch '^\d[0-9A-Za-z.-]*$') { Stop-Install "CAICAINI_VERSION: must be like $newest, got `"$version`"" }
  if (-not [Environment]::Is64BitOperatingSystem) { Stop-Install 'this system is a 32-bit one' }
  # Windows 11 on arm64 runs the x64 program.
  $platform = 'win-x64'
  $tar = Join-Path $env:SystemRoot 'System32\tar.exe'
  if (-not (Test-Path -LiteralPath $tar)) { Stop-Install "$tar is needed, which Windows 10 has since 1803" }
  $root = if ($env:CAICAINI_INSTALL_DIR) { $env:CAICAINI_INSTALL_DIR } else { Join-Path $env:LOCALAPPDATA 'Programs\caicaini' }
  $bin = if ($env:CAICAINI_BIN_DIR) { $env:CAICAINI_BIN_DIR } else { Join-Path $root 'bin' }

  $stage = Join-Path $root ('.staging.' + [Guid]::NewGuid().ToString('N').Substring(0, 8))
  try { New-Item -ItemType Directory -Force -Path $stage | Out-Null }
  catch { Stop-Install "$root cannot be written: CAICAINI_INSTALL_DIR names another folder" }
  try {
    $name = "caicaini-$version-$platform"
    $sums = Join-Path $stage 'SHA256SUMS'
    $archive = Join-Path $stage 'archive.tar.gz'
    Write-Host "Caicaini Code $version for $platform, from $baseUrl"
    Get-Release "releases/$version/SHA256SUMS" $sums "there is no version $version on $baseUrl"
    Get-Release "releases/$version/SHA256SUMS.sig" "$sums.sig" 'its checksums are not signed'
    $line = Get-Content -LiteralPath $sums | Where-Object { $_ -match "^[0-9a-f]{64}  $([regex]::Escape($name))\.tar\.gz$" }
    if (-not $line) { Stop-Install "version $version was not made for $platform" }
    Get-Release "releases/$version/$name.tar.gz" $archive "$name.tar.gz cannot be had"
    if ((Get-Sha256 $archive) -ne ([string] $line).Substring(0, 64)) {
      Stop-Install 'the archive is not the one that was released (its checksum differs): try again'
    }

    # .NET cannot verify Ed25519. The archive's own runtime can, and is run for that only if this script knows its hash.
    $trial = Join-Path $stage 'trial'
    New-Item -ItemType Directory -Path $trial | Out-Null
    & $tar -xzf $archive -C $trial "$name/bin/node.exe"
    $node = Join-Path $trial "$name\bin\node.exe"
    if ($LASTEXITCODE -ne 0 -or -not (Test-Path -LiteralPath $node)) { Stop-Install 'the archive has no runtime, or there is no space left' }
    if ($runtimes -notcontains "${platform}:$(Get-Sha256 $node)") {
      Stop-Install "version $version has another runtime than this script knows, so it cannot be verified"
    }
    # In a file, for 5.1 loses the quotes of arguments.
    $verify = Join-Path $stage 'verify.cjs'
    Set-Content -LiteralPath $verify -Encoding Ascii -Value @'
const { createPublicKey, verify } = require('node:crypto')
const { readFileSync } = require('node:fs')
const [key, data, signature] = process.argv.slice(2)
const spki = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
process.exitCode = verify(null, readFileSync(data), spki, readFileSync(signature)) === true ? 0 : 1
'@
    & $node $verify $publicKey $sums "$sums.sig"
    if ($LASTEXITCODE -ne 0) {
      Stop-Install "the signature is wrong: these files are not from the makers of Caicaini Code. Tell whoever runs $baseUrl"
    }

    $unpacked = Join-Path $stage 'release'
    New-Item -ItemType Directory -Path $unpacked | Out-Null
    & $tar -xzf $archive -C $unpacked
    if ($LASTEXITCODE -ne 0) { Stop-Install "the archive cannot be unpacked in $root" }
    $release = Join-Path $unpacked $name
    # The trial's runtime, for on Windows a folder whose program runs cannot be moved.
    & $node (Join-Path $release 'app\dist\setup.js') --root $root --bin $bin --stage $release --base-url $baseUrl
    if ($LASTEXITCODE -ne 0) { Stop-Install 'see above' }
    if (-not $env:CAICAINI_NO_PATH) { Add-ToUserPath $bin }
    if (($env:Path -split ';') -notcontains $bin) { $env:Path = "$bin;$env:Path" }
  } finally {
    Remove-Item -LiteralPath $stage -Recurse -Force -ErrorAction SilentlyContinue
  }
}

Install-Caicaini
