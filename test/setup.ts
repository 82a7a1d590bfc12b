// Runs before each unit and scenario test file. What it imports is loaded once a worker.
import './support/fast-equality.ts';
