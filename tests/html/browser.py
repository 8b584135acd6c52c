# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""A headless Chromium, told what to do through chromedriver (W3C WebDriver, JSON over HTTP).

    with Browser(width=1280, height=900) as browser:
        browser.open(path)
        browser.run('return document.title')
        browser.click('thead button')
        browser.logs()                      what the console said
        browser.requests()                  addresses that the page asked for

Names of hosts lead nowhere in it, so that a page that needs the network fails.
"""

import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

DRIVERS = ('chromedriver',)
BROWSERS = ('chromium', 'chromium-browser', 'google-chrome')
ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
START_SECONDS = 30
COMMAND_SECONDS = 60


def find_programs():
    """(chromium, chromedriver) or None."""
    path = os.environ.get('PATH', '') + ':/usr/lib/chromium-browser:/usr/lib/chromium'
    found = [next(filter(None, (shutil.which(name, path=path) for name in names)), None)
             for names in (BROWSERS, DRIVERS)]
    return tuple(found) if all(found) else None


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self, width=1280, height=900, dark=False):
        self._width, self._height, self._dark = width, height, dark
        self._dir = self._port = self._session = None
        self._processes = []

    def __enter__(self):
        browser, driver = find_programs()
        self._dir = tempfile.mkdtemp(prefix='btfgen-browser-')
        try:
            self._start(browser, driver)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self._session:
                self._call('DELETE', '')
        except (OSError, BrowserError):
            pass
        finally:
            for process in self._processes:
                self._end(process)
            # The last threads may still write while the folder goes.
            for _ in range(20):
                shutil.rmtree(self._dir, ignore_errors=True)
                if not os.path.exists(self._dir):
                    break
                time.sleep(0.1)

    @staticmethod
    def _end(process):
        """It and what it started: each leads a group of its own."""
        for number in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(process.pid, number)
                process.wait(10)
            except ProcessLookupError:
                pass
            except subprocess.TimeoutExpired:
                continue

    def _run(self, name, command):
        """Starts a program; its output is the file `name`."""
        log = pathlib.Path(self._dir, name)
        environment = dict(os.environ, HOME=self._dir, TMPDIR=self._dir, XDG_CONFIG_HOME=self._dir,
                           XDG_CACHE_HOME=self._dir)
        with open(log, 'wb') as output:
            self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                                    stderr=subprocess.STDOUT, env=environment,
                                                    start_new_session=True))
        return log

    def _wait_for(self, pattern, log):
        """What a program says when it is ready: the port in its output."""
        end = time.monotonic() + START_SECONDS
        while True:
            text = log.read_text(errors='replace')
            found = re.search(pattern, text)
            if found:
                return int(found[1])
            if self._processes[-1].poll() is not None or time.monotonic() > end:
                raise BrowserError(f'{log.name}: does not start: {text}')
            time.sleep(0.02)

    def _start(self, browser, driver):
        # Left to chromedriver, it would be looked for at 'localhost', which bare systems do not know.
        log = self._run('browser.log', [
            browser, '--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            '--hide-scrollbars', '--force-device-scale-factor=1', '--force-prefers-reduced-motion',
            '--password-store=basic', '--use-mock-keychain', '--remote-debugging-port=0',
            '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
            f'--window-size={self._width},{self._height}', f'--user-data-dir={self._dir}/profile',
            # Its sandbox works neither as root nor in most containers. What it opens here is ours.
            '--no-sandbox', 'about:blank'])
        port = self._wait_for(r'DevTools listening on ws://127\.0\.0\.1:(\d+)/', log)
        log = self._run('driver.log', [driver, '--port=0'])
        self._port = self._wait_for(r'started successfully on port (\d+)', log)
        answer = self._request('POST', '/session', {'capabilities': {'alwaysMatch': {
            'browserName': 'chrome',
            'goog:chromeOptions': {'debuggerAddress': f'127.0.0.1:{port}'},
            'goog:loggingPrefs': {'browser': 'ALL', 'performance': 'ALL'},
        }}})
        self._session = answer['sessionId']
        # The window of a headless browser has borders of its own: say the size of what is inside.
        self.resize(self._width, self._height)
        self.dark(self._dark)
        # Whatever the browser opened by itself.
        self._call('POST', '/url', {'url': 'about:blank'})
        self.requests()

    def _request(self, method, path, body=None):
        connection = http.client.HTTPConnection('127.0.0.1', self._port, timeout=COMMAND_SECONDS)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {'Content-Type': 'application/json'})
            response = connection.getresponse()
            answer = json.loads(response.read())['value']
        finally:
            connection.close()
        if response.status != 200:
            raise BrowserError(f"{path}: {answer.get('error')}: {answer.get('message')}")
        return answer

    def _call(self, method, path, body=None):
        return self._request(method, f'/session/{self._session}{path}', body)

    def devtools(self, command, **arguments):
        return self._call('POST', '/goog/cdp/execute', {'cmd': command, 'params': arguments})

    def resize(self, width, height):
        self.devtools('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                      mobile=False)

    def dark(self, dark):
        self.devtools('Emulation.setEmulatedMedia', media='',
                      features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def open(self, path):
        self._call('POST', '/url', {'url': pathlib.Path(path).resolve().as_uri()})

    def run(self, script, *arguments):
        return self._call('POST', '/execute/sync', {'script': script, 'args': list(arguments)})

    def wait(self, script, *arguments, seconds=10):
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise BrowserError(f'never true: {script}')
            time.sleep(0.02)

    def find(self, selector):
        return self._call('POST', '/element', {'using': 'css selector', 'value': selector})[ELEMENT]

    def click(self, selector):
        """As with a mouse: fails if something else lies above the element."""
        self._call('POST', f'/element/{self.find(selector)}/click', {})

    def type(self, selector, text):
        element = self.find(selector)
        self._call('POST', f'/element/{element}/value', {'text': text})

    def press(self, key):
        """A key for whatever has the focus."""
        self._call('POST', '/actions', {'actions': [{'type': 'key', 'id': 'keyboard', 'actions': [
            {'type': 'keyDown', 'value': key}, {'type': 'keyUp', 'value': key}]}]})

    def hover(self, selector):
        self._call('POST', '/actions', {'actions': [{
            'type': 'pointer', 'id': 'mouse', 'parameters': {'pointerType': 'mouse'},
            'actions': [{'type': 'pointerMove', 'duration': 0, 'x': 0, 'y': 0,
                         'origin': {ELEMENT: self.find(selector)}}]}]})

    def screenshot(self, path, whole=False):
        if whole:
            size = self.run('return [innerWidth, document.documentElement.scrollHeight]')
            data = self.devtools('Page.captureScreenshot', format='png', captureBeyondViewport=True,
                                 clip={'x': 0, 'y': 0, 'width': size[0], 'height': size[1], 'scale': 1})['data']
        else:
            data = self._call('GET', '/screenshot')
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self._call('POST', '/print', {}))

    def logs(self):
        return [entry['message'] for entry in self._call('POST', '/se/log', {'type': 'browser'})]

    def requests(self):
        """Addresses asked for since the last call."""
        found = []
        for entry in self._call('POST', '/se/log', {'type': 'performance'}):
            message = json.loads(entry['message'])['message']
            if message['method'] == 'Network.requestWillBeSent':
                found.append(message['params']['request']['url'])
        return found
